"""What understanding one message costs, beside one bare cut of the same text by jieba."""

import time
from typing import Any

from bench.street import new_street

SHORT = "俺们三楼楼道灯又不亮了麻烦来人看看吧谢谢"
LONG = (SHORT + "，电梯也老停，门口垃圾好几天没人收") * 9


def measure() -> list[dict[str, Any]]:
    """Median milliseconds of one core for 20 and 400 characters, and the start."""
    _, office = new_street()
    began = time.perf_counter()
    catalogue = office.catalogue
    start = time.perf_counter() - began
    rows = [
        {
            "name": "catalogue read",
            "value": start,
            "unit": "s",
            "note": "90 matters, 1,481 buildings, jieba from its cache",
        }
    ]
    for name, text, times in (
        ("understand 20 characters", SHORT[:20], 400),
        ("understand 400 characters", LONG[:400], 60),
    ):
        spent = []
        for _ in range(times):
            began = time.process_time()
            catalogue.understanding.decide(catalogue.understanding.understand(text))
            catalogue.gazetteer.find(text)
            spent.append((time.process_time() - began) * 1000)
        spent.sort()
        rows.append(
            {"name": name, "value": spent[len(spent) // 2], "unit": "ms", "note": "matters, kind, decision and place"}
        )
    return rows
