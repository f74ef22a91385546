// Looks at every frame of the page as a person would, and writes down what it sees as JSON.

const seen = element => element.getClientRects().length > 0;
const all = (root, what) => [...root.querySelectorAll(what)].filter(seen);
const box = element => element.getBoundingClientRect();
const overlap = (a, b, by) => a.left < b.right - by && b.left < a.right - by
    && a.top < b.bottom - by && b.top < a.bottom - by;
const inside = (a, b, by) => a.left >= b.left - by && a.right <= b.right + by
    && a.top >= b.top - by && a.bottom <= b.bottom + by;

// The boxes of the lines of text in an element.
function lines(element) {
    const range = element.ownerDocument.createRange();
    range.selectNodeContents(element);
    return [...range.getClientRects()].filter(r => r.width > 0);
}

function overlaps(elements, rects, by) {
    const found = [];
    for (let i = 0; i < elements.length; i++)
        for (let k = 0; k < i; k++)
            if (rects[i].some(a => rects[k].some(b => overlap(a, b, by))))
                found.push(`${elements[k].textContent} | ${elements[i].textContent}`);
    return found;
}

// Lines of the diagram that run through a box.
function crossed(svg) {
    const boxes = all(svg, "rect.box").map(r => r.getBBox());
    const hits = path => {
        const length = path.getTotalLength();
        for (let at = 0; at <= length; at += 4) {
            const p = path.getPointAtLength(at);
            if (boxes.some(b => p.x > b.x + 2 && p.x < b.x + b.width - 2
                           && p.y > b.y + 2 && p.y < b.y + b.height - 2)) return true;
        }
        return false;
    };
    return all(svg, "path.line").filter(hits).map(path => path.getAttribute("d"));
}

function look(document) {
    const root = document.documentElement, texts = all(document, ".diagram text");
    const drawings = all(document, ".diagram > svg");
    const units = all(document, "g.unit");
    const cells = all(document, "td, th, .tile div, h1, h2, h3, p, dt, dd, li");
    return {
        background: getComputedStyle(document.body).backgroundColor,
        color: getComputedStyle(document.body).color,
        wider: root.scrollWidth - root.clientWidth,
        units: units.map(unit => all(unit, ".name").map(t => t.textContent).join("")),
        outside: units.flatMap(unit => all(unit, "text").filter(
            text => !inside(box(text), box(unit.querySelector(".box")), 0))).map(t => t.textContent),
        clipped: texts.filter(text => !inside(box(text), box(text.closest("svg")), 0.5))
            .map(text => text.textContent),
        overlapping: overlaps(texts, texts.map(text => [box(text)]), 1),
        crossed: drawings.flatMap(crossed),
        cut: cells.filter(cell => cell.scrollWidth > cell.clientWidth + 1 && cell.clientWidth)
            .map(cell => cell.textContent),
        meeting: all(document, "tr").flatMap(row => {
            const inRow = all(row, "td, th");
            return overlaps(inRow, inRow.map(lines), 1);
        }),
        empty: [...all(document, "section, .tile, .value, .note, h2, tbody, .diagram"),
                ...drawings, ...texts].filter(e => !e.textContent.trim() || box(e).width < 1)
            .map(e => e.outerHTML.slice(0, 200)),
        thin: all(document, ".bar svg").filter(svg => box(svg).width < 20).length,
        sections: all(document, "h2").map(h2 => h2.textContent),
        beats: all(document, "text.beat").map(text => text.textContent),
        tiles: all(document, ".tile").map(t => all(t, ".label, .value").map(e => e.textContent)),
        tables: Object.fromEntries(all(document, "table").map(table => [
            table.className.split(" ")[0],
            all(table, "tbody tr").map(row => [...row.cells].map(c => c.textContent.trim()))])),
        points: all(document, ".scatter .points use").length,
        labels: all(document, ".scatter .label text").map(t => t.textContent),
    };
}

addEventListener("load", () => {
    const found = [...document.querySelectorAll("iframe")].map(
        frame => [frame.name, look(frame.contentDocument)]);
    document.getElementById("found").textContent = JSON.stringify(Object.fromEntries(found));
});
