// A sketch of the street: one dot a building; a click gives coordinates.

const EDGE = 16;

export function drawMap(canvas, buildings, onPoint) {
  const known = buildings.filter((each) => each.latitude && each.longitude);
  if (!known.length) return;
  const range = (name) => {
    const values = known.map((each) => each[name]);
    return [Math.min(...values), Math.max(...values)];
  };
  const [south, north] = range("latitude");
  const [west, east] = range("longitude");
  const high = canvas.height - 2 * EDGE;
  const wide = canvas.width - 2 * EDGE;
  const pen = canvas.getContext("2d");
  const grids = [...new Set(known.map((each) => each.grid_code))];
  for (const each of known) {
    pen.fillStyle = `hsl(${(grids.indexOf(each.grid_code) * 47) % 360} 45% 48%)`;
    const x = EDGE + ((each.longitude - west) / (east - west || 1)) * wide;
    const y = EDGE + ((north - each.latitude) / (north - south || 1)) * high;
    pen.fillRect(x - 2, y - 2, 4, 4);
  }
  canvas.addEventListener("click", (event) => {
    const across = (event.offsetX / canvas.clientWidth * canvas.width - EDGE) / wide;
    const down = (event.offsetY / canvas.clientHeight * canvas.height - EDGE) / high;
    onPoint(Number((north - down * (north - south)).toFixed(6)), Number((west + across * (east - west)).toFixed(6)));
  });
}
