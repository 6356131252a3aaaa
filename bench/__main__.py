"""`make bench`: prints a table and writes var/bench.json."""

import json
from pathlib import Path

from bench import announcing, clocks, flood, pipeline, quality, understanding


def main() -> None:
    """Run every benchmark on a street of its own and show what came out."""
    rows = [
        *quality.measure(),
        *understanding.measure(),
        *pipeline.measure(),
        *clocks.measure(),
        *flood.measure(),
        *announcing.measure(),
    ]
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        print(f"{row['name']:{width}}  {row['value']:>10.3f} {row['unit']:6}  {row['note']}")
    Path("var").mkdir(exist_ok=True)
    Path("var/bench.json").write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
