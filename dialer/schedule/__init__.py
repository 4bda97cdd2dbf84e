"""When each contact may ring and will: regions and zones, rules and calendars, caps, slots."""
