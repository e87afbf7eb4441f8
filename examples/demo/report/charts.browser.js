// Draws the runs in RUNS. Runs in the page, where uPlot and RUNS are globals.
(() => {
  const LATE_MS = 25;
  const AXIS = 70;
  const FLOOR_MS = 0.02;
  const SLICE = 0.1;
  const MARKS = {
    model: 'answered by the model',
    late: 'answered late',
    refused: 'fallback, refused at once',
    failed: 'fallback, the call failed',
    error: 'error',
  };
  const STATES = { closed: 'closed', open: 'open', halfOpen: 'half-open' };
  const charts = document.getElementById('charts');
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  function element(tag, className, text, parent) {
    const made = document.createElement(tag);
    made.className = className;
    made.textContent = text;
    parent.append(made);
    return made;
  }

  function legend(names, shape, parent) {
    const row = element('div', 'legend', '', parent);
    for (const [name, text] of Object.entries(names)) {
      const entry = element('span', '', '', row);
      element('i', shape, '', entry).style.background = `var(--${name})`;
      entry.append(text);
    }
  }

  /** Faults as shaded stretches with their names, behind the data. */
  function faultShades(run, withNames) {
    return (chart) => {
      const { ctx, bbox } = chart;
      ctx.save();
      ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
      ctx.textAlign = 'center';
      for (const { from, to, name } of run.faults) {
        const left = chart.valToPos(from, 'x', true);
        const right = chart.valToPos(to, 'x', true);
        ctx.fillStyle = colour('fault');
        ctx.fillRect(left, bbox.top, right - left, bbox.height);
        ctx.fillStyle = colour('soft');
        if (withNames) ctx.fillText(name, (left + right) / 2, bbox.top + 14 * devicePixelRatio);
      }
      ctx.restore();
    };
  }

  function lateLine(chart) {
    const { ctx, bbox } = chart;
    const y = chart.valToPos(LATE_MS, 'y', true);
    ctx.save();
    ctx.strokeStyle = colour('ink');
    ctx.fillStyle = colour('ink');
    ctx.font = `${12 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textAlign = 'left';
    ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.fillText('late from here', bbox.left + 6 * devicePixelRatio, y - 5 * devicePixelRatio);
    ctx.restore();
  }

  function options(run, height, extra) {
    const axis = { stroke: colour('soft'), grid: { stroke: colour('line'), width: 1 }, ticks: { stroke: colour('line') } };
    return {
      width: charts.clientWidth - 30,
      height,
      padding: [10, 12, 0, 0],
      cursor: { show: false },
      legend: { show: false },
      ...extra,
      scales: { x: { time: false, range: [0, run.seconds] }, ...extra.scales },
      axes: [
        { ...axis, size: 34, values: (_, ticks) => ticks.map((tick) => `${tick} s`) },
        { ...axis, size: AXIS, ...extra.yAxis },
      ],
    };
  }

  function scatter(run, parent) {
    const names = Object.keys(MARKS).filter((name) => run.marks.includes(name));
    legend(Object.fromEntries(names.map((name) => [name, MARKS[name]])), '', parent);
    const data = [
      run.x,
      ...names.map((name) => run.y.map((ms, index) => (run.marks[index] === name ? Math.max(ms, FLOOR_MS) : null))),
    ];
    const dots = (name) => ({
      paths: () => null,
      points: { show: true, size: 4, width: 0, fill: colour(name), stroke: colour(name) },
    });
    const extra = {
      scales: { y: { distr: 3, range: [FLOOR_MS, 3000] } },
      yAxis: { values: (_, ticks) => ticks.map((tick) => (Number.isInteger(Math.log10(tick)) ? `${tick} ms` : '')) },
      series: [{}, ...names.map(dots)],
      hooks: { drawClear: [faultShades(run, true)], draw: [lateLine] },
    };
    return new uPlot(options(run, 300, extra), data, parent);
  }

  /** Answers in each tenth of a second, by who gave them. */
  function rates(run, parent) {
    const slices = Math.ceil(run.seconds / SLICE);
    const groups = { model: ['model', 'late'], refused: ['refused', 'failed'], error: ['error'] };
    const names = Object.keys(groups).filter((name) => groups[name].some((mark) => run.marks.includes(mark)));
    const counts = Object.fromEntries(names.map((name) => [name, new Array(slices).fill(0)]));
    run.marks.forEach((mark, index) => {
      const name = names.find((candidate) => groups[candidate].includes(mark));
      counts[name][Math.min(slices - 1, Math.floor(run.x[index] / SLICE))] += 1 / SLICE;
    });
    const x = Array.from({ length: slices }, (_, slice) => (slice + 0.5) * SLICE);
    const line = (name) => ({ stroke: colour(name), width: 2, fill: `${colour(name)}22`, points: { show: false } });
    const extra = {
      series: [{}, ...names.map(line)],
      yAxis: { values: (_, ticks) => ticks.map((tick) => `${tick}/s`) },
      hooks: { drawClear: [faultShades(run, false)] },
    };
    return new uPlot(options(run, 130, extra), [x, ...names.map((name) => counts[name])], parent);
  }

  function stateBand(run, parent) {
    if (run.states.length === 0) return;
    const band = element('div', 'band', '', parent);
    for (const { name, from, to, text } of run.states) {
      const part = element('i', '', '', band);
      part.style.left = `${(100 * from) / run.seconds}%`;
      part.style.width = `${(100 * (to - from)) / run.seconds}%`;
      part.style.background = `var(--${name})`;
      part.title = `${STATES[name]} from ${from.toFixed(3)} s to ${to.toFixed(3)} s (${text})`;
    }
    legend(STATES, 'block', parent);
  }

  function draw() {
    charts.replaceChildren();
    for (const run of RUNS) {
      const section = element('section', '', '', charts);
      element('h2', '', `${run.title}: how long each answer took`, section);
      scatter(run, section);
      stateBand(run, section);
      element('p', 'label', 'answers each second: by the model, fallbacks, errors', section);
      rates(run, section);
    }
  }

  let width = 0;
  new ResizeObserver(() => {
    if (charts.clientWidth === width) return;
    width = charts.clientWidth;
    draw();
  }).observe(charts);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
})();
