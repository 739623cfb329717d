"""Files and folders of this computer: locks, names, and writes that a kill or a full disk leaves whole."""
