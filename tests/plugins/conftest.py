"""The stand-ins are importable only in the processes of test_examples.py."""

collect_ignore = ["stand_ins"]
