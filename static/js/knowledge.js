// An address such as /knowledge/#S9 names an entry, which stands in its chapter: go there.
const follow = () => {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const link = named?.closest(".titles li")?.querySelector("a");
  if (link) location.replace(link.href);
};

follow();
addEventListener("hashchange", follow);
