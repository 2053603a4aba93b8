// Lines of a chart: pure, from points to what SVG draws.
export const SIZE = { width: 320, height: 120 };
const SPAN = 15 * 60; // seconds that are shown at most, and
const LEAST = 2 * 60; // at least
const EDGE = { top: 6, bottom: 4 };

const STEPS = [1, 2, 2.5, 5, 10];

/** A round number that is not below. */
export function ceiling(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return STEPS.map((step) => step * power).find((round) => round >= value * 0.9999);
}

/** From when to when is shown, in seconds. */
export function spanOf(series) {
  const end = Math.max(0, ...series.map(({ points }) => points.at(-1).at));
  const begin = Math.min(end - LEAST, ...series.map(({ points }) => points[0].at));
  return { begin: Math.max(begin, end - SPAN), end };
}

/** Points as pieces of a line: it breaks where there is no value. */
export function path(points, name, { begin, end }, top) {
  const x = (at) => (SIZE.width * (at - begin)) / (end - begin);
  const y = (value) => SIZE.height - EDGE.bottom - ((SIZE.height - EDGE.top - EDGE.bottom) * value) / top;
  let drawn = "";
  let open = false;
  for (const point of points) {
    const value = point[name];
    if (value === null || point.at < begin) open = false;
    else {
      drawn += `${open ? "L" : "M"}${x(point.at).toFixed(1)} ${y(value).toFixed(1)}${open ? "" : "h.1"}`;
      open = true;
    }
  }
  return drawn;
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

export function bytes(value) {
  const unit = value < 1024 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(value) / 10));
  return `${(value / 1024 ** unit).toFixed(unit ? 1 : 0)} ${UNITS[unit]}`;
}

export const plain = (value) => (value >= 100 || Number.isInteger(value) ? Math.round(value).toLocaleString() : value.toFixed(1));
