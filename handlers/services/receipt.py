"""已阅: the answer to an announcement that wants a receipt; 1 says the same where nothing newer asks for a number."""

from bot.ladder.receipts import read_by_word
from bot.service import Service

SERVICE = Service(code="receipt", name="", words=("已阅", "回复1已阅", "1已阅"), fulfil=read_by_word)
