"""The relay: receives, keeps, decides and sends; the only part that speaks to WhatsApp."""
