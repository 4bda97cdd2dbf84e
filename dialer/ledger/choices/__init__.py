"""How single people are called, where that differs from their run: as rows say, as was sent, from which number."""
