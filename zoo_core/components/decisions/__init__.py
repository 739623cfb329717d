"""The decision rule of a head: which class is predicted from probabilities."""
