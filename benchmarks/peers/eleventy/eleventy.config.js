// RSS and Atom of every topic and of all, 50 entries each; no page for a record.
// The records are expected in content/records (a link to their folder).
import rss from "@11ty/eleventy-plugin-rss";

const LIMIT = 50;

function topics(collectionApi) {
  const records = collectionApi
    .getAll()
    .filter((item) => item.data.webUrl && item.data.published)
    .sort((a, b) => b.data.publishedDateTime - a.data.publishedDateTime);
  const byTopic = new Map();
  for (const record of records) {
    for (const name of record.data.topics) {
      if (!byTopic.has(name)) byTopic.set(name, []);
      const chosen = byTopic.get(name);
      if (chosen.length < LIMIT) chosen.push(record.data);
    }
  }
  const all = { name: "Benchmark", folder: "", records: records.slice(0, LIMIT).map((r) => r.data) };
  return [all, ...Array.from(byTopic, ([name, chosen]) => ({
    name,
    folder: name.toLowerCase().replaceAll(" ", "-") + "/",
    records: chosen,
  }))];
}

export default function (config) {
  config.addPlugin(rss);
  config.addCollection("topics", topics);
  config.addNunjucksFilter("decode", (text) =>
    text
      .replaceAll(/&#(\d+);/g, (_, code) => String.fromCodePoint(code))
      .replaceAll("&nbsp;", "\u00a0")
      .replaceAll("&amp;", "&"),
  );
  return { dir: { input: "content" }, markdownTemplateEngine: false };
}
