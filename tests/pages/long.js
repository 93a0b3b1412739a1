// Writes a text of about `?bytes=` bytes into the page: the log of a voyage, day after day, no two days alike and each day
// the same on every run.
(() => {
  const winds = ["a light wind", "a steady breeze", "half a gale", "no wind at all", "a wind that changed its mind"];
  const quarters = ["from the north", "from the south", "from the east", "from the west", "from nowhere in particular"];
  const sights = ["a whale", "two sails", "a raft of weed", "the smoke of a steamer", "an island that is on no chart", "nothing"];
  const crew = ["The cook", "The boatswain", "Our carpenter", "The youngest hand", "The captain"];
  const deeds = ["mended the jib", "quarrelled with the cat", "caught a tunny", "slept through his watch", "wrote a letter"];
  let state = 12345;
  const pick = (list) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return list[(state >>> 16) % list.length];
  };
  const wanted = Number(new URLSearchParams(location.search).get("bytes") ?? 1 << 20);
  const log = document.getElementById("log");
  const days = document.createDocumentFragment();
  for (let day = 1, written = 0; written < wanted; day += 1) {
    const text =
      `On day ${day} we had ${pick(winds)} ${pick(quarters)}, and the log showed ${40 + (state >>> 20) % 200} miles. ` +
      `Towards noon the lookout reported ${pick(sights)}. ${pick(crew)} ${pick(deeds)}. ` +
      `We have water for ${9 + (state >>> 18) % 60} days and biscuit for rather longer.`;
    const paragraph = document.createElement("p");
    paragraph.textContent = text;
    days.append(paragraph);
    written += text.length + 2;
  }
  log.append(days);
})();
