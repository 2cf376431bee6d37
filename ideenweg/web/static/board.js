// Cards of the board can be dragged to a state: a short cut to the form of the move. Everything works without it.
(() => {
  const board = document.getElementById("board");
  if (!board) return;
  let dragged = null;
  for (const card of board.querySelectorAll("[data-number]")) card.draggable = true;
  board.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("[data-number]");
    if (!dragged) return;
    event.dataTransfer.setData("text/plain", dragged.dataset.number);
    event.dataTransfer.effectAllowed = "move";
    board.classList.add("board--dragging");
  });
  board.addEventListener("dragend", () => {
    dragged = null;
    board.classList.remove("board--dragging");
    for (const heap of board.querySelectorAll(".heap--over")) heap.classList.remove("heap--over");
  });
  board.addEventListener("dragover", (event) => {
    const heap = event.target.closest("[data-state]");
    if (!dragged || !heap || heap.contains(dragged)) return;
    event.preventDefault();
    heap.classList.add("heap--over");
  });
  board.addEventListener("dragleave", (event) => {
    const heap = event.target.closest("[data-state]");
    if (heap && !heap.contains(event.relatedTarget)) heap.classList.remove("heap--over");
  });
  board.addEventListener("drop", (event) => {
    const heap = event.target.closest("[data-state]");
    if (!dragged || !heap) return;
    event.preventDefault();
    location.assign(`/board/${encodeURIComponent(dragged.dataset.number)}/${encodeURIComponent(heap.dataset.state)}`);
  });
})();
