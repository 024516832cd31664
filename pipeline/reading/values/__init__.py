"""What stands in single cells: numbers as spreadsheets leave them, phones, documents, dates."""
