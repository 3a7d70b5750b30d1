// "/" puts the cursor into the search field, as the field says.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const search = document.getElementById("search");
  if (!search) return;
  event.preventDefault();
  search.focus();
});

// What a date field cannot read (30 February) it sends as empty: it is said before anything is stored.
document.addEventListener("submit", (event) => {
  const unread = [...event.target.elements].find((field) => field.validity?.badInput);
  if (!unread) return;
  event.preventDefault();
  event.stopPropagation();
  unread.reportValidity();
}, true);
