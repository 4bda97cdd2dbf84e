"""What each workbook format says of its cells besides their values, a module a format."""
