/**
 * What metrics tell of the sources at this moment.
 */
import type { SourceFigures } from "../observability/server-metrics.ts";
import type { Catalog } from "../sources/catalog.ts";

export function figuresOf(catalog: Catalog): SourceFigures[] {
  return catalog.states().map(({ info, refreshMs, ...counts }) => {
    const { name, snapshot } = info;
    return {
      name,
      ...counts,
      tags: snapshot?.tagCount ?? 0,
      images: snapshot?.imageCount ?? 0,
      nodes: snapshot?.nodeCount ?? 0,
      isStale: snapshot?.stale ?? false,
      ageSeconds: snapshot && Math.max(0, Date.now() - snapshot.updateTime) / 1000,
      refreshSeconds: refreshMs === undefined ? undefined : refreshMs / 1000,
    };
  });
}
