"""What a notebook asks for: results, plan and status as DataFrames."""
