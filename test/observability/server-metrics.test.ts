/** The metrics of the service: their names and labels, and what they count. */
import { expect, it } from "vitest";
import { ServerMetrics, type SourceFigures } from "../../src/observability/server-metrics.ts";

const lab: SourceFigures = {
  ...{ name: "lab", tags: 11, images: 10, nodes: 2, wanted: 3, prepulled: 1, saveFailures: 4, isStale: true },
  ...{ ageSeconds: 7, refreshSeconds: 0.5 },
};

/** The lines of the series, without what is said about them. */
async function lines(metrics: ServerMetrics): Promise<string[]> {
  return (await metrics.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

it("counts calls by the names that dashboards know, however often it is read", async () => {
  const metrics = new ServerMetrics(() => []);
  const menu = metrics.method("unary", "a.B", "Menu");
  menu.started();
  menu.started();
  menu.handled("OK", 0.002);
  const labels = 'grpc_type="unary",grpc_service="a.B",grpc_method="Menu"';
  for (let time = 0; time < 2; time++) {
    const told = await lines(metrics);
    expect(told).toContain(`grpc_server_started_total{${labels}} 2`);
    expect(told).toContain(`grpc_server_handled_total{${labels},grpc_code="OK"} 1`);
    expect(told).toContain(`grpc_server_handling_seconds_count{${labels}} 1`);
    expect(told).toContain(`grpc_server_handling_seconds_bucket{le="0.0025",${labels}} 1`);
    expect(told).toContain(`grpc_server_handling_seconds_bucket{le="0.001",${labels}} 0`);
  }
  menu.handled("NotFound", 0.1);
  expect(await lines(metrics)).toContain(`grpc_server_handled_total{${labels},grpc_code="NotFound"} 1`);
});

it("has a method that nobody has called yet, as 0", async () => {
  const metrics = new ServerMetrics(() => []);
  metrics.method("unary", "a.B", "Menu");
  expect(await lines(metrics)).toEqual([
    'grpc_server_started_total{grpc_type="unary",grpc_service="a.B",grpc_method="Menu"} 0',
  ]);
});

it("counts requests to registries, with what was not configured as one", async () => {
  const metrics = new ServerMetrics(() => []);
  metrics.registryRequest("r.example:5000", "200");
  for (const outcome of ["200", "200", "failed"]) metrics.registryRequest(undefined, outcome);
  expect(await lines(metrics)).toEqual([
    'image_source_registry_requests_total{host="r.example:5000",outcome="200"} 1',
    'image_source_registry_requests_total{host="other",outcome="200"} 2',
    'image_source_registry_requests_total{host="other",outcome="failed"} 1',
  ]);
});

it("tells of each source what is so at the moment", async () => {
  let sources: readonly SourceFigures[] = [lab];
  const metrics = new ServerMetrics(() => sources);
  expect(await lines(metrics)).toEqual([
    'image_source_tags{source="lab"} 11',
    'image_source_images{source="lab"} 10',
    'image_source_nodes{source="lab"} 2',
    'image_source_images_wanted{source="lab"} 3',
    'image_source_images_prepulled{source="lab"} 1',
    'image_source_state_write_failures_total{source="lab"} 4',
    'image_source_stale{source="lab"} 1',
    'image_source_listing_age_seconds{source="lab"} 7',
    'image_source_refresh_duration_seconds{source="lab"} 0.5',
  ]);
  sources = [{ ...lab, isStale: false, ageSeconds: undefined, refreshSeconds: undefined }];
  expect((await lines(metrics)).slice(6)).toEqual(['image_source_stale{source="lab"} 0']);
});
