// The descriptors as in Figure 8.2: tables of the processes, open file
// descriptions, files.
const tablesAt = (n) => {
	const tables = new Map(), offsets = new Map();
	const change = ([lane, a, b]) => {
		if (lane < 0) { offsets.set(a, b); return; }
		if (!tables.has(lane)) tables.set(lane, new Map());
		if (b < 0) tables.get(lane).delete(a); else tables.get(lane).set(a, b);
	};
	data.first.forEach(change);
	for (let i = 0; i < n; i++) (steps[i].d || []).forEach(change);
	return { tables, offsets };
};

// inLines breaks the name of a process into lines that have room beside
// its letter.
const inLines = (name, room) => {
	const pen = document.createElement("canvas").getContext("2d");
	pen.font = `650 ${0.74 * size.rem}px ${getComputedStyle(document.body).fontFamily}`;
	const fits = (t) => pen.measureText(t).width <= room;
	const soft = /\u00AD/g, shown = (row) => row.trimEnd().replace(/\u00AD$/, "-").replace(soft, "");
	const rows = [];
	for (const word of inParts(name).split(/(?<=[ \u00AD-])|(?=[\u2e80-\uffff])/)) {
		const last = rows.length - 1;
		if (last >= 0 && fits(shown(rows[last] + word))) rows[last] += word;
		else rows.push(word);
	}
	return rows.map((row) => ({ text: shown(row), fits: fits(shown(row)) }));
};

const showDiagram = () => {
	const box = $("diagram");
	box.replaceChildren();
	const { tables, offsets } = tablesAt(shown);
	const rem = size.rem, width = Math.max(box.clientWidth - 1.2 * rem, 12 * rem), line = 1.35 * rem;
	const s = shown > 0 ? steps[shown - 1] : null;
	const used = s && s.o ? s.o : [-1, -1];
	const left = width * 0.34, mid = width * 0.39, midEnd = width * 0.66, right = width * 0.71;
	const svg = draw("svg", { role: "img" });
	const lines = draw("g", {}), boxes = draw("g", {});
	const text = (cls, x, y, t) => boxes.append(draw("text", { class: cls, x, y }, t));
	// small writes a text that has this room: narrower letters, or an end
	// that the tooltip has.
	const small = (cls, x, y, t, room) => {
		const n = Math.floor(room / (0.45 * rem)), wide = (c) => c > "\u2e7f" ? 2 : 1;
		const whole = [...t].reduce((sum, c) => sum + wide(c), 0);
		const e = draw("text", { class: cls, x, y });
		let s = t;
		if (whole > 1.5 * n) {
			s = "";
			let used = 1;
			for (const c of t) { used += wide(c); if (s && used > n) break; s += c; }
			s += "…";
		} else if (whole > n) {
			e.setAttribute("textLength", room);
			e.setAttribute("lengthAdjust", "spacingAndGlyphs");
		}
		e.append(s, draw("title", {}, t));
		boxes.append(e);
	};
	let y = 0.2 * rem;
	const ends = []; // descriptor rows: { y, description }
	const said = [];
	const drawn = [...tables].filter(([l, t]) => t.size && !lanes[l].x).sort((a, b) => a[0] - b[0]);
	for (const [l, table] of drawn.slice(0, 12)) {
		const rows = [...table].sort((a, b) => a[0] - b[0]).slice(0, 12);
		const room = left - 2 * rem, name = inLines(lanes[l].t, room), more = 0.95 * rem * (name.length - 1);
		boxes.append(draw("rect", { class: "table " + colour(l), x: 1, y, width: left - 2, height: line * (rows.length + 1) + more + 0.3 * rem, rx: 4 }));
		boxes.append(draw("circle", { class: "disc " + colour(l), cx: 0.85 * rem, cy: y + 0.75 * rem, r: 0.55 * rem }));
		boxes.append(draw("text", { class: "letter " + colour(l), x: 0.85 * rem, y: y + 0.75 * rem, dy: "0.36em" }, letters[l]));
		name.forEach((row, k) => { // a word that is too long gets narrower letters
			const e = draw("text", { class: "name", x: 1.7 * rem, y: y + (1.05 + 0.95 * k) * rem }, row.text);
			if (!row.fits) { e.setAttribute("textLength", room); e.setAttribute("lengthAdjust", "spacingAndGlyphs"); }
			boxes.append(e);
		});
		y += line + more;
		for (const [fd, d] of rows) {
			const hot = s && s.l === l && used[1] === fd && used[0] === d;
			text("fd" + (hot ? " hot" : ""), 0.6 * rem, y + 0.95 * rem, "fd " + fd);
			ends.push({ y: y + 0.6 * rem, d, hot, lane: l });
			said.push(t("{0} descriptor {1} refers to {2}", lanes[l].t, fd, data.objects[d].n));
			y += line;
		}
		y += 0.9 * rem;
	}
	const ofds = [...new Set(ends.map((e) => e.d))].sort((a, b) => a - b);
	const files = [...new Set(ofds.map((d) => data.objects[d].f))];
	const place = new Map(), filePlace = new Map();
	let my = 0.2 * rem;
	for (const d of ofds) {
		const o = data.objects[d], hot = d === used[0];
		const offset = offsets.has(d) ? t("offset {0}", offsets.get(d)) : "";
		const tall = (offset && o.o ? 2.7 : 1.9) * rem;
		boxes.append(draw("rect", { class: "ofd" + (hot ? " hot" : ""), x: mid, y: my, width: midEnd - mid, height: tall - 0.4 * rem, rx: 8 }));
		small("small", mid + 0.4 * rem, my + 1 * rem, offset || o.o || "", midEnd - mid - 0.8 * rem);
		if (offset && o.o) small("small faint", mid + 0.4 * rem, my + 1.95 * rem, o.o, midEnd - mid - 0.8 * rem);
		place.set(d, my + (tall - 0.4 * rem) / 2);
		my += tall;
	}
	let fy = 0.2 * rem;
	for (const f of files) {
		const of = ofds.filter((d) => data.objects[d].f === f);
		const want = of.reduce((sum, d) => sum + place.get(d), 0) / of.length - 0.75 * rem;
		fy = Math.max(fy, want);
		boxes.append(draw("rect", { class: "file", x: right, y: fy, width: width - right - 1, height: 1.5 * rem }));
		small("small", right + 0.3 * rem, fy + 1.02 * rem, data.objects[of[0]].n, width - right - 0.7 * rem);
		filePlace.set(f, fy + 0.75 * rem);
		fy += 1.9 * rem;
	}
	for (const e of ends) {
		const to = place.get(e.d);
		lines.append(draw("path", { class: "ref " + colour(e.lane) + (e.hot ? " hot" : ""), d: `M${left - 1} ${e.y}C${left + 0.8 * rem} ${e.y} ${mid - 0.8 * rem} ${to} ${mid} ${to}` }));
	}
	for (const d of ofds) {
		const from = place.get(d), to = filePlace.get(data.objects[d].f);
		lines.append(draw("path", { class: "ref of", d: `M${midEnd} ${from}C${midEnd + 0.6 * rem} ${from} ${right - 0.6 * rem} ${to} ${right} ${to}` }));
	}
	const height = Math.max(y, my, fy) + 0.3 * rem;
	svg.setAttribute("width", width);
	svg.setAttribute("height", height);
	svg.setAttribute("aria-label", said.length ? said.slice(0, 40).join("; ") : t("no descriptor is open"));
	svg.append(lines, boxes);
	if (!ends.length) box.append(make("p", "none", shown ? t("No descriptor is open.") : t("The tables come with the first step.")));
	else {
		const heads = make("div", "heads", make("span", "", t("process table")), make("span", "", t("open file description")), make("span", "", t("file")));
		box.append(heads, svg);
	}
};
