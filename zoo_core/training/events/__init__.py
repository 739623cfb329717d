"""Events of a training: what listeners are told, and plugins that change the model."""
