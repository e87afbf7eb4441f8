/** What makes the page of a timeline alive, as a browser runs it. Texts go into it as texts only. */
export const PAGE_SCRIPT = `
(() => {
  const model = JSON.parse(document.getElementById('model').textContent);
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue('--' + name).trim();
  const first = model.from / 1000;
  const last = (model.from + model.lengthMs) / 1000;
  const times = model.failed[0].map((_, at) => (model.from + at * model.bucketMs) / 1000);
  const element = (name, parent, text) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    parent.append(made);
    return made;
  };
  const bands = [];
  const layout = (from, to) => {
    for (const { item, start, end } of bands) {
      const left = ((start - from) / (to - from)) * 100;
      const right = ((end - from) / (to - from)) * 100;
      item.hidden = right < 0 || left > 100;
      item.style.left = left + '%';
      item.style.width = right - left + '%';
    }
  };
  const states = document.getElementById('states');
  for (const { name, bands: own } of model.breakers) {
    const box = element('div', states);
    box.className = 'breaker';
    element('h3', box, name);
    for (const { lane, spans } of own) {
      const row = element('div', box);
      row.className = 'row';
      element('span', row, model.lanes[lane]).title = model.lanes[lane];
      const band = element('div', row);
      band.className = 'band';
      for (const [start, end, isOpen] of spans) {
        const item = element('i', band);
        item.style.background = 'var(--' + (isOpen ? 'open' : 'half') + ')';
        item.title = (isOpen ? 'open' : 'half-open') + ' for ' + Math.round(end - start) + ' ms, from ' + new Date(model.from + start).toISOString();
        bands.push({ item, start: (model.from + start) / 1000, end: (model.from + end) / 1000 });
      }
    }
  }
  if (model.others > 0) element('p', states, 'and ' + model.others + ' more breakers');
  layout(first, last);
  const charts = [];
  let isFollowing = false;
  const most = Math.max(1, ...model.failed.flatMap((counts, lane) => counts.map((count, at) => count + model.refused[lane][at])));
  const clock = (time) => new Date(time * 1000).toISOString().slice(11, model.lengthMs > 3600000 ? 19 : 23);
  const host = document.getElementById('charts');
  const width = () => Math.max(240, host.clientWidth - 30);
  model.lanes.forEach((title, lane) => {
    const section = element('section', host);
    element('h2', section, title);
    const axis = { stroke: colour('soft'), grid: { stroke: colour('line'), width: 1 }, ticks: { stroke: colour('line') } };
    const bars = uPlot.paths.bars({ size: [1, 100], align: 1 });
    const failed = model.failed[lane];
    const options = {
      width: width(), height: 130,
      cursor: { sync: { key: 'backtest', setSeries: false }, y: false },
      scales: { x: { min: first, max: last, range: (_, from, to) => (from <= first && to >= times.at(-1) ? [first, last] : [from, to]) }, y: { range: [0, most] } },
      axes: [{ ...axis, space: 90, values: (_, times) => times.map(clock) }, { ...axis, size: 56 }],
      series: [
        { label: 'UTC', value: (_, time) => (time === null ? '' : clock(time)) },
        { label: 'refused', paths: bars, fill: colour('refused'), width: 0, points: { show: false }, value: (_, sum, __, at) => (at === null ? '' : model.refused[lane][at]) },
        { label: 'failed', paths: bars, fill: colour('failed'), width: 0, points: { show: false } },
      ],
      hooks: {
        setScale: [(own, key) => {
          if (key !== 'x' || isFollowing) return;
          isFollowing = true;
          const { min, max } = own.scales.x;
          for (const other of charts) if (other !== own) other.setScale('x', { min, max });
          layout(min, max);
          isFollowing = false;
        }],
      },
    };
    const stacked = model.refused[lane].map((count, at) => count + failed[at]);
    charts.push(new uPlot(options, [times, stacked, failed], section));
  });
  addEventListener('resize', () => { for (const chart of charts) chart.setSize({ width: width(), height: 130 }); });
  document.documentElement.dataset.ready = 'true';
})();
`;
