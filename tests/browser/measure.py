"""What only a rendered page can tell, measured in the page: widths, headings, contrast, sizes of targets.

The formula of contrast and the limits are those of WCAG 2.2 (https://www.w3.org/TR/WCAG22/).
"""

from typing import Any

from playwright.async_api import Page

_SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"

_HEADINGS = "() => [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(found => Number(found.tagName[1]))"

# A link inside a sentence may be as small as its line is high.
_TARGETS = """() => [...document.querySelectorAll('main a, main summary, main button, main input, header a')]
  .filter(found => !found.closest('.why, .lead, .gate, .did, .says, .hint, .steps, .panel, svg, dd, .since, .trouble'))
  .map(found => [found.textContent.trim().slice(0, 40), found.getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && (box.height < 24 || box.width < 24))
  .map(([text, box]) => `${text}: ${Math.round(box.width)}x${Math.round(box.height)}`)"""

_CONTRAST = """() => {
  const read = text => {
    const numbers = text.match(/[-\\d.e]+/g).map(Number);
    const unit = text.startsWith('color(') ? 1 : 255;
    const [r, g, b, a] = text.startsWith('color(') ? numbers : numbers;
    return [r / unit, g / unit, b / unit, a === undefined ? 1 : a];
  };
  const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const linear = c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const light = c => 0.2126 * linear(c[0]) + 0.7152 * linear(c[1]) + 0.0722 * linear(c[2]);
  const behind = node => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) {
      const colour = read(getComputedStyle(at).backgroundColor);
      layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reverse().reduce((below, top) => over(top, below), [1, 1, 1, 1]);
  };
  const bad = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const node = text.parentElement;
    if (!text.data.trim() || node.closest('svg') || !node.getClientRects().length) continue;
    const style = getComputedStyle(node);
    const back = behind(node);
    const front = over(read(style.color), back);
    const [a, b] = [light(front), light(back)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) bad.push(`${ratio.toFixed(2)} ${text.data.trim().slice(0, 40)}`);
  }
  return bad;
}"""

_UNNAMED = """() => [...document.querySelectorAll('a, summary, button, [role=region], nav, aside, section, svg[role]')]
  .filter(found => !found.textContent.trim())
  .filter(found => !found.getAttribute('aria-label') && !found.getAttribute('aria-labelledby'))
  .map(found => found.outerHTML.slice(0, 80))"""

_SAME_IDS = """() => {
  const ids = [...document.querySelectorAll('[id]')].map(found => found.id);
  return ids.filter((id, at) => ids.indexOf(id) !== at);
}"""

_FOCUS = """() => {
  const found = document.activeElement;
  const style = getComputedStyle(found);
  const inner = found.querySelector('rect');
  return {
    name: (found.getAttribute('aria-label') || found.textContent).trim().replace(/\\s+/g, ' '),
    tag: found.tagName.toLowerCase(),
    outline: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth),
    visible: found.getBoundingClientRect().width > 0,
    stroke: inner ? parseFloat(getComputedStyle(inner).strokeWidth) : 0,
  };
}"""


async def sideways(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(await page.evaluate(_SIDEWAYS))


async def headings(page: Page) -> list[int]:
    """Levels of the headings in the order of the page."""
    return list(await page.evaluate(_HEADINGS))


async def small_targets(page: Page) -> list[str]:
    """Links, summaries and controls outside of sentences that are smaller than 24 by 24 pixels (2.5.8)."""
    return list(await page.evaluate(_TARGETS))


async def faint_texts(page: Page) -> list[str]:
    """Texts whose contrast is below 4.5, or 3 where they are large (1.4.3)."""
    return list(await page.evaluate(_CONTRAST))


async def unnamed(page: Page) -> list[str]:
    return list(await page.evaluate(_UNNAMED))


async def repeated_ids(page: Page) -> list[str]:
    return list(await page.evaluate(_SAME_IDS))


async def focused(page: Page) -> dict[str, Any]:
    return dict(await page.evaluate(_FOCUS))
