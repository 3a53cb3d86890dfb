// The printed page: a worksheet. Questions come first, then the steps
// with the names of the processes on every page, then the answers.
const fillSheet = () => {
	const sheet = $("sheet");
	sheet.replaceChildren();
	sheet.append(make("h1", "", data.title), make("p", "", [data.ref, data.command, t("standard output: {0}", data.stdout)].filter(Boolean).join(" · ")));
	if (data.questions.length) {
		sheet.append(make("h2", "", t("Questions")));
		const list = make("ol", "asked");
		for (const q of data.questions) {
			const li = make("li", "", q.q);
			const ul = make("ul");
			for (const a of q.a) ul.append(make("li", "", "☐ " + a));
			li.append(ul);
			list.append(li);
		}
		sheet.append(list);
	}
	const first = data.files.length ? firstFile() : -1; // the program's own, before what it uses
	for (const f of [data.files[first], ...data.files.filter((_, i) => i !== first)].filter(Boolean).slice(0, 2)) {
		sheet.append(make("h2", "", f.n));
		const code = make("div", "code");
		f.l.forEach((l, i) => {
			const d = make("div", "line", make("span", "no", String(f.f + i)));
			const c = make("code");
			styled(c, l);
			d.append(c);
			code.append(d);
		});
		sheet.append(code);
	}
	sheet.append(make("h2", "break", t("What happened")));
	if ((columns.n < lanes.length || columns.n > 18) && lanes.length <= 60) sheet.append(make("p", "", ...lanes.flatMap((l, i) => l.x ? [] : [badge(i), ` ${l.t} ${l.p || ""}  `])));
	sheet.append(stepTable());
	if (data.questions.length) {
		sheet.append(make("h2", "break", t("Answers")));
		const list = make("ol");
		for (const q of data.questions) list.append(make("li", "", make("strong", "", q.a[q.r]), t(". ") + q.w));
		sheet.append(list);
	}
	for (const n of data.notes) sheet.append(make("p", "note", n));
};

// stepTable is the picture as a table, whose head stands on every page.
const stepTable = () => {
	const keep = size;
	const many = columns.n > 18; // no letters have room above the lanes
	const pitch = many ? 400 / columns.n : Math.min(84, 330 / columns.n);
	size = { rem: 12, gutter: 4, pitch, text: 300, row: 34, bar: Math.min(7, 0.7 * pitch), disc: 7.5, width: 4 + pitch * columns.n, named: pitch > 50 };
	const table = make("table"), head = make("thead"), body = make("tbody");
	const top = make("tr", "", make("th", "", t("Step")));
	const names = make("th", "names");
	for (let c = 0; c < columns.n; c++) {
		const d = make("div"), here = columns.lanes[c]; // several processes, one after another
		for (const l of many ? [] : here.slice(0, 4)) {
			d.append(badge(l));
			if (size.named) d.append(make("span", "", lanes[l].t));
			if (size.named && here.length === 1 && lanes[l].p) d.append(make("span", "", String(lanes[l].p)));
		}
		if (here.length > 4 && !many) d.append(make("span", "", "…"));
		d.style.width = pitch + "px";
		names.append(d);
	}
	top.append(names, make("th", "", t("What happens")));
	head.append(top);
	const st = new Uint8Array(lanes.length);
	items.slice(0, 1000).forEach((item) => {
		const was = st.slice();
		for (let i = item.first; i <= item.last; i++) {
			const s = steps[i].s;
			if (s) for (let k = 0; k < s.length; k += 2) st[s[k]] = s[k + 1];
		}
		const tr = make("tr", "", make("td", "", item.fold >= 0 ? "" : String(item.first + 1)));
		const pic = make("td", "pic");
		const words = make("td", "", item.fold >= 0 ? data.folds[item.fold].t : steps[item.first].t);
		const s = steps[item.first], moment = item.fold < 0 && s.m ? s.m : "";
		if (moment) words.append(make("em", "", moment));
		const lines = Math.ceil(words.firstChild.length / 60) + Math.ceil(moment.length / 60);
		size.row = Math.max(34, 16 * lines + 10); // as high as its words, so that the lanes have no gaps
		pic.append(rowPicture(item, was, st));
		tr.append(pic, words);
		body.append(tr);
	});
	table.append(head, body);
	size = keep;
	return table;
};
addEventListener("beforeprint", fillSheet);
addEventListener("afterprint", () => $("sheet").replaceChildren());
