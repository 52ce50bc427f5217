"""Cells in a picture on a page: a path for those that look the same lists what each of them is."""

# function (root) -> the cells of all pictures below an element: key, role, value and data as text, classes, outline.
READ_CELLS = """((root) => [...root.querySelectorAll("path[data-role]")].flatMap((path) => {
  const { role, ...lists } = path.dataset, classes = path.getAttribute("class"), id = path.id;
  const columns = Object.entries(lists).map(([name, list]) => [name, list.split(",")]);
  return path.getAttribute("d").split(/(?=M)/).map((outline, n) =>
    ({ id, role, classes, outline, ...Object.fromEntries(columns.map(([name, all]) => [name, all[n]])) }));
}))"""
# function (cell) -> what the callback returns of the cell as an element of its own, for as long as that takes.
ALONE = """((cell, look) => {
  const path = document.getElementById(cell.id), alone = path.cloneNode();
  alone.setAttribute("d", cell.outline);
  path.after(alone);
  try { return look(alone); } finally { alone.remove(); }
})"""
