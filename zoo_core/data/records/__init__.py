"""Values of records: JSON objects, cells of spreadsheets, and values that a row lacks."""
