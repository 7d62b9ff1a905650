// The functions of a body, for another site: <div data-kartotek="…/open/code.json"></div>.
// Nothing is kept: each showing asks anew, so that whoever takes their consent back is gone.
for (const place of document.querySelectorAll('[data-kartotek]')) {
  try {
    const answer = await fetch(place.dataset.kartotek, { cache: 'no-store', credentials: 'omit', referrerPolicy: 'no-referrer' });
    if (!answer.ok) continue;
    const feed = await answer.json();
    const list = document.createElement('ul');
    for (const f of feed.functions) {
      const line = document.createElement('li');
      line.append(f.name ? `${f.function}: ${f.name}` : f.function);
      if (f.email) {
        const mail = document.createElement('a');
        mail.href = `mailto:${f.email}`;
        mail.textContent = f.email;
        line.append(' ', mail);
      }
      list.append(line);
    }
    const more = document.createElement('a');
    more.href = feed.privacy;
    more.textContent = feed.body;
    place.replaceChildren(list, more);
  } catch {
    // the register cannot be reached: the place stays as the site made it
  }
}
