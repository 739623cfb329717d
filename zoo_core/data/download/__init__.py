"""Download: the catalogue of public data sets, their files and archives."""
