// Parses the feeds named on the command line: `node parse.mjs LIBRARY FILE...` prints a JSON list.
import { readFile } from "node:fs/promises";

const parsers = {
  "rss-parser": async () => {
    const { default: Parser } = await import("rss-parser");
    const parser = new Parser();
    return (text) => parser.parseString(text);
  },
  feedsmith: async () => {
    const { parseFeed, parseOpml } = await import("feedsmith");
    return (text) => (text.includes("<opml ") ? parseOpml(text) : parseFeed(text).feed);
  },
};

const [library, ...files] = process.argv.slice(2);
const parse = await parsers[library]();
const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
console.log(JSON.stringify(await Promise.all(texts.map(parse))));
