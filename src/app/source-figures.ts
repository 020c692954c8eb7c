/**
 * What metrics tell of the sources at this moment.
 */
import type { SourceFigures } from "../observability/server-metrics.ts";
import type { Catalog } from "../sources/catalog.ts";

export function figuresOf(catalog: Catalog): SourceFigures[] {
  const times = catalog.refreshTimes();
  return catalog.sources().map(({ name, snapshot }) => {
    const ms = times.get(name);
    return {
      name,
      tags: snapshot?.tagCount ?? 0,
      images: snapshot?.imageCount ?? 0,
      nodes: snapshot?.nodeCount ?? 0,
      isStale: snapshot?.stale ?? false,
      ageSeconds: snapshot && Math.max(0, Date.now() - snapshot.updateTime) / 1000,
      refreshSeconds: ms === undefined ? undefined : ms / 1000,
    };
  });
}
