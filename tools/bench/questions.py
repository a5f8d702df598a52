"""What the benchmark asks: each question in LogQL and, where VictoriaLogs can say it, in LogsQL."""

import collections

# kind: "log" asks for the newest `limit` lines, "metric" for steps of STEP seconds over the span.
Question = collections.namedtuple("Question", "name kind limit logql logsql")

STEP = 300
ALL = '{namespace=~".+"}'


def questions(trace):
    """Returns the questions about a corpus in which some lines have the id `trace`."""
    def log(name, limit, logql, logsql):
        return Question(name, "log", limit, logql, logsql)

    def metric(name, logql, logsql=None):
        return Question(name, "metric", 0, logql, logsql)

    return [
        log("text that is nowhere", 1000, f'{ALL} |= "zq9xv7_not_there"',
            f'{ALL} ~"zq9xv7_not_there"'),
        log("one trace id in lines", 1000, f'{ALL} |= "{trace}"', f'{ALL} ~"{trace}"'),
        log("one trace id in metadata", 1000, f'{{app="inventory"}} | trace_id="{trace}"',
            f'{{app="inventory"}} trace_id:="{trace}"'),
        log("newest 1000 with a text", 1000, '{app="checkout"} |= "retrying"',
            '{app="checkout"} ~"retrying"'),
        log("newest 100 of a namespace", 100, '{namespace="prod"}', '{namespace="prod"}'),
        metric("volume by level",
               f"sum by (level, detected_level) (count_over_time({ALL} | drop __error__ [5m]))"),
        metric("count by app", f"sum by (app) (count_over_time({ALL}[5m]))",
               f"{ALL} | stats by (app) count() n"),
        metric("bytes by namespace", f"sum by (namespace) (bytes_over_time({ALL}[5m]))",
               f"{ALL} | stats by (namespace) sum_len(_msg) n"),
        metric("count of a frequent text", f'sum(count_over_time({ALL} |= "duration" [5m]))',
               f'{ALL} ~"duration" | stats count() n'),
        metric("count of a regex", f'sum(count_over_time({ALL} |~ "status\\":[45][0-9]{{2}}" [5m]))',
               f'{ALL} ~"status\\":[45][0-9]{{2}}" | stats count() n'),
        metric("count of a text in any case", f'sum(count_over_time({ALL} |~ "(?i)ERROR" [5m]))',
               f'{ALL} ~"(?i)ERROR" | stats count() n'),
        metric("json, filter, group",
               'sum by (status) (count_over_time({app="checkout"} | json | duration_ms > 500 [5m]))',
               '{app="checkout"} | unpack_json | filter duration_ms:>500'
               " | stats by (status) count() n"),
        metric("json, p99 of a field by another",
               'quantile_over_time(0.99, {app="search"} | json | unwrap query_hits [5m])'
               " by (client_geo)",
               '{app="search"} | unpack_json | stats by (client.geo) quantile(0.99, query.hits) n'),
        metric("logfmt, average by a field",
               'avg_over_time({app="ingester"} | logfmt | unwrap duration(duration) [5m]) by (user)'),
        metric("pattern, top 10",
               'topk(10, sum by (method, status) (count_over_time({app="gateway"}'
               ' | pattern `<ip> - <_> [<_>] "<method> <_> <_>" <status> <_>` [5m])))'),
        metric("one text, two negations",
               'sum(count_over_time({namespace="prod"} |= "trace_id" != "hit" != "miss" [5m]))',
               '{namespace="prod"} ~"trace_id" !~"hit" !~"miss" | stats count() n'),
    ]
