package bcast;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The command line in the style of Go: {@code -name=value}, {@code -name value} and
 * {@code --name=value} are the same; a flag that is on or off needs no value. A flag that is not
 * on the command line is taken from the environment variable {@code BCAST_NAME}.
 */
final class Flags {

    /** The default of a flag that is on or off; such a flag needs no value. */
    static final String OFF = "false";
    static final String ON = "true";

    /** The flags, each with its default as the user would write it and what it means. */
    private static final String[][] TABLE = {
        {"httpport", "8080", "port for clients, HTTP or HTTPS; 0 picks a free one"},
        {"bind", "", "the one local address for HTTP, links and multicast; empty: all"},
        {"clusterport", "0", "TCP port for links between nodes; 0 picks a free one"},
        {"advertise", "", "host:port at which peers reach this node, if it is behind NAT "
            + "or its port is mapped"},
        {"group", "239.255.77.77:47777", "IPv4 multicast address:port for discovery; off "
            + "disables it. IPv6 uses ff12:: and the same 32 bits"},
        {"peers", "", "host:port,... of nodes to link to; DNS names are resolved at each "
            + "attempt"},
        {"cluster", "bcast", "name of the cluster, the same on all its nodes; others are ignored"},
        {"retention", "24h", "how long records are kept; must be the same on all nodes"},
        {"interval", "20s", "time between comparisons of the store with those of some peers"},
        {"maxraw", "1MiB", "largest raw in a post; at most 1MiB"},
        {"maxbytes", "half the heap", "memory for records and queues; at most 80 % of the heap"},
        {"datadir", "", "directory that keeps records on disk; empty: in memory only"},
        {"fsync", "interval", "when records are synced to disk: always, before the "
            + "response; interval, every second; or never"},
        {"ack", "local", "when a post is acknowledged: local, stored on this node; peer, "
            + "also on another"},
        {"maxskew", "5m", "allowed clock difference between nodes; a node that differs more from "
            + "most peers refuses posts"},
        {"validator", "md5", "check of signatures, the same on all nodes: md5, sha256, "
            + "ed25519:FILE of trusted public keys, or the name of a class"},
        {"secretfile", "", "file of the cluster's secret, see -newsecret; empty: links are "
            + "neither encrypted nor authenticated"},
        {"tokenfile", "", "file of tokens, one per line; each post must carry one; empty: posts "
            + "need none"},
        {"tlscert", "", "PEM file of the certificate chain for HTTPS; empty: HTTP"},
        {"tlskey", "", "PEM file of the certificate's private key (PKCS#8)"},
        {"host", "", "name,... of hosts whose pages may post, in addition to this node's own "
            + "names"},
        {"cors", "", "one other origin whose pages may read and post, such as "
            + "https://news.example; * allows any"},
        {"trustproxy", "", "ADDR or ADDR/BITS,... of reverse proxies whose "
            + "X-Forwarded-For or Forwarded is trusted"},
        {"accesslog", OFF, "log one line per request"},
        {"loglevel", "info", "what is logged, to standard error: error, warn, info or debug"},
    };

    static final String HELP = "help";
    static final String VERSION = "version";
    static final String NEW_SECRET = "newsecret";
    private static final Set<String> ACTIONS = Set.of(HELP, VERSION, NEW_SECRET);

    private static final String ENVIRONMENT = "BCAST_";
    private static final int HELP_WIDTH = 14;

    private final Map<String, String> values;
    private final Set<String> fromEnvironment;
    private final Set<String> actions;
    private final String topic;
    private String asked;

    private Flags(Map<String, String> values, Set<String> fromEnvironment, Set<String> actions,
            String topic) {
        this.values = values;
        this.fromEnvironment = fromEnvironment;
        this.actions = actions;
        this.topic = topic;
    }

    static Flags parse(String[] args, Map<String, String> environment) throws UsageException {
        Map<String, String> values = new LinkedHashMap<>();
        Set<String> fromEnvironment = new HashSet<>();
        for (String[] flag : TABLE) {
            String name = variable(flag[0]);
            if (!environment.getOrDefault(name, "").isEmpty()) {
                values.put(flag[0], environment.get(name));
                fromEnvironment.add(flag[0]);
            }
        }
        Set<String> actions = new HashSet<>();
        String topic = "";
        for (int i = 0; i < args.length; i++) {
            if (!args[i].startsWith("-") || args[i].length() < 2) {
                throw new UsageException("unexpected argument \"" + args[i] + "\"; see -help");
            }
            String flag = args[i].substring(args[i].startsWith("--") ? 2 : 1);
            int equals = flag.indexOf('=');
            String name = equals < 0 ? flag : flag.substring(0, equals);
            if (name.equals(HELP) || name.equals("h")) {
                actions.add(HELP);
                boolean next = equals < 0 && i + 1 < args.length && !args[i + 1].startsWith("-");
                topic = equals >= 0 ? flag.substring(equals + 1) : next ? args[++i] : topic;
            } else if (ACTIONS.contains(name)) {
                actions.add(name);
            } else if (!known(name)) {
                throw new UsageException("unknown flag -" + name + "; see -help");
            } else if (equals >= 0) {
                values.put(name, flag.substring(equals + 1));
                fromEnvironment.remove(name);
            } else if (defaultOf(name).equals(OFF)) {
                boolean said = i + 1 < args.length && onOrOff(args[i + 1]);
                values.put(name, said ? args[++i] : ON);
                fromEnvironment.remove(name);
            } else if (i + 1 < args.length) {
                values.put(name, args[++i]);
                fromEnvironment.remove(name);
            } else {
                throw new UsageException("-" + name + " needs a value; see -help");
            }
        }
        return new Flags(values, fromEnvironment, actions, topic);
    }

    private static boolean onOrOff(String value) {
        return value.equalsIgnoreCase(ON) || value.equalsIgnoreCase(OFF);
    }

    /** Environment variables that start with {@code BCAST_} but name no flag, sorted. */
    static List<String> unknownVariables(Map<String, String> environment) {
        return environment.keySet().stream()
                .filter(name -> name.startsWith(ENVIRONMENT) && !isVariable(name))
                .sorted().toList();
    }

    private static boolean isVariable(String name) {
        for (String[] flag : TABLE) {
            if (variable(flag[0]).equals(name)) {
                return true;
            }
        }
        return false;
    }

    private static String variable(String flag) {
        return ENVIRONMENT + flag.toUpperCase(Locale.ROOT);
    }

    private static boolean known(String name) {
        for (String[] flag : TABLE) {
            if (flag[0].equals(name)) {
                return true;
            }
        }
        return false;
    }

    /** Whether one of {@link #ACTIONS} is requested instead of a node. */
    boolean requests(String action) {
        return actions.contains(action);
    }

    /** The topic on which help is requested; empty for the flags. */
    String topic() {
        return topic;
    }

    /** A flag's value or its default. */
    String get(String name) {
        asked = name;
        String value = values.get(name);
        return value == null ? defaultOf(name) : value.trim();
    }

    /**
     * Returns an error about the value that was read last, so that callers need neither pass the
     * flag's name nor a lambda: two dozen lambdas took a tenth of a node's start-up time.
     */
    UsageException bad(String why) {
        String said = fromEnvironment.contains(asked) ? variable(asked) : "-" + asked;
        return new UsageException("bad value \"" + values.get(asked) + "\" for " + said + ": "
                + why);
    }

    private static String defaultOf(String name) {
        for (String[] flag : TABLE) {
            if (flag[0].equals(name)) {
                return flag[1];
            }
        }
        throw new IllegalStateException("no flag " + name);
    }

    static String helpText() {
        StringBuilder text = new StringBuilder("""
                bcast: news posted to any node reaches every node

                usage: java -jar build/bcast.jar [-flag=value ...]
                   or: bin/bcast [-flag=value ...], in a folder that make image made

                Each flag can also be set by an environment variable, such as -httpport by
                BCAST_HTTPPORT; the command line takes precedence. Defaults are in parentheses.
                Durations: 24h, 1h30m, 20s, 500ms. Sizes: 1048576 (bytes), 64KiB, 1MiB, 2GiB.

                """);
        for (String[] flag : TABLE) {
            String defaults = flag[1].isEmpty() ? "" : " (" + flag[1] + ")";
            text.append("  -").append(flag[0])
                    .append(" ".repeat(HELP_WIDTH - flag[0].length()))
                    .append(flag[2]).append(defaults).append('\n');
        }
        text.append("  -help").append(" ".repeat(HELP_WIDTH - 4))
                .append("print this text; -help TOPIC: print a page listed below\n");
        text.append("  -newsecret").append(" ".repeat(HELP_WIDTH - 9))
                .append("print a new secret, for -secretfile\n");
        text.append("  -version").append(" ".repeat(HELP_WIDTH - 7)).append("print the version\n");
        return text.toString();
    }
}
