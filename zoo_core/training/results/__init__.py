"""What a finished training says about itself."""
