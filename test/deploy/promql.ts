/**
 * What an expression of PromQL names, read by Prometheus' own grammar.
 */
import { parser } from "@prometheus-io/lezer-promql";

export interface Named {
  readonly metric: string;
  /** Labels that series are chosen by. */
  readonly labels: readonly string[];
}

/** Fails where Prometheus would not take the expression. */
export function metricsOf(expression: string): Named[] {
  const found: { metric: string; labels: string[] }[] = [];
  parser.parse(expression).iterate({
    enter({ type, from, to }) {
      const text = expression.slice(from, to);
      if (type.isError)
        throw new Error(`no PromQL at ${from}: ${expression.slice(from, from + 20)} in ${expression}`);
      if (type.name === "VectorSelector") found.push({ metric: "", labels: [] });
      const last = found.at(-1);
      if (type.name === "Identifier" && last?.metric === "") last.metric = text;
      if (type.name === "LabelName" && last && inMatchers(expression, from)) last.labels.push(text);
    },
  });
  return found;
}

/** Label names stand in braces of a selector, or in the brackets of by and on. */
function inMatchers(expression: string, at: number): boolean {
  const before = expression.slice(0, at);
  return before.lastIndexOf("{") > before.lastIndexOf("}");
}
