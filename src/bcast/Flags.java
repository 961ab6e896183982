package bcast;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

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
            + "disables it. The IPv6 group is ff12:: with the 32 bits of this address at its end"},
        {"peers", "", "host:port,... of nodes to link to; DNS names are resolved at each "
            + "attempt"},
        {"cluster", "bcast", "name of the cluster, the same on all its nodes; nodes of other "
            + "clusters are ignored"},
        {"retention", "24h", "how long records are kept; must be the same on all nodes"},
        {"interval", "20s", "time between comparisons of the store with those of some peers"},
        {"maxraw", "1MiB", "largest raw in a post; at most 1MiB"},
        {"maxbytes", "half the heap", "memory for records and queues; at most 80 % of the heap"},
        {"datadir", "", "directory that keeps records on disk; empty: in memory only"},
        {"fsync", "interval", "when records are synced to disk: always = before the "
            + "response, interval = every second, never = when the operating system does it"},
        {"ack", "local", "when a post is acknowledged: local = once it is stored on this "
            + "node, peer = once another node has it too"},
        {"maxskew", "5m", "allowed clock difference between nodes; a node that differs more from "
            + "most peers refuses posts"},
        {"validator", "md5", "check of signatures, the same on all nodes: md5, sha256, "
            + "ed25519:FILE of trusted public keys, or the name of a class"},
        {"secretfile", "", "file of the cluster's secret, see -newsecret; empty: links are "
            + "neither encrypted nor authenticated"},
        {"tokenfile", "", "file of tokens, one per line; each post must carry one; empty: posts "
            + "need none"},
        {"tlscert", "", "PEM file of the certificate chain for HTTPS; empty: HTTP"},
        {"tlskey", "", "PEM file, PKCS#8, of the certificate's private key"},
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

    private final Map<String, String> given = new HashMap<>();
    private final Map<String, String> environment;
    private final Set<String> actions = new HashSet<>();
    private String topic = "";
    private String asked;

    private Flags(Map<String, String> environment) {
        this.environment = environment;
    }

    static Flags parse(String[] args, Map<String, String> environment) throws UsageException {
        Flags flags = new Flags(environment);
        for (int i = 0; i < args.length; i++) {
            if (!args[i].startsWith("-") || args[i].length() < 2) {
                throw new UsageException("unexpected argument \"" + args[i] + "\"; see -help");
            }
            String flag = args[i].substring(args[i].startsWith("--") ? 2 : 1);
            int equals = flag.indexOf('=');
            String name = equals < 0 ? flag : flag.substring(0, equals);
            String value = flag.substring(equals + 1);
            boolean more = i + 1 < args.length;
            if (name.equals(HELP) || name.equals("h")) {
                flags.actions.add(HELP);
                boolean next = equals < 0 && more && !args[i + 1].startsWith("-");
                flags.topic = equals >= 0 ? value : next ? args[++i] : flags.topic;
            } else if (ACTIONS.contains(name)) {
                flags.actions.add(name);
            } else if (defaultOf(name) == null) {
                throw new UsageException("unknown flag -" + name + "; see -help");
            } else if (equals >= 0) {
                flags.given.put(name, value);
            } else if (defaultOf(name).equals(OFF) && !(more && onOrOff(args[i + 1]))) {
                flags.given.put(name, ON);
            } else if (more) {
                flags.given.put(name, args[++i]);
            } else {
                throw new UsageException("-" + name + " needs a value; see -help");
            }
        }
        return flags;
    }

    static boolean onOrOff(String value) {
        return value.equalsIgnoreCase(ON) || value.equalsIgnoreCase(OFF);
    }

    /** Environment variables that start with {@code BCAST_} but name no flag, sorted. */
    static List<String> unknownVariables(Map<String, String> environment) {
        Set<String> unknown = new TreeSet<>(environment.keySet());
        for (String[] flag : TABLE) {
            unknown.remove(variable(flag[0]));
        }
        unknown.removeIf(name -> !name.startsWith(ENVIRONMENT));
        return List.copyOf(unknown);
    }

    private static String variable(String flag) {
        return ENVIRONMENT + flag.toUpperCase(Locale.ROOT);
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
        String value = value();
        return value.isEmpty() && !given.containsKey(name) ? defaultOf(name) : value.trim();
    }

    /** The value of the flag that was asked for last, from where it is given; or empty. */
    private String value() {
        return given.getOrDefault(asked, environment.getOrDefault(variable(asked), ""));
    }

    /**
     * Returns an error about the value that was read last, so that callers need neither pass the
     * flag's name nor a lambda: two dozen lambdas took a tenth of a node's start-up time.
     */
    UsageException bad(String why) {
        String where = given.containsKey(asked) ? "-" + asked : variable(asked);
        return new UsageException("bad value \"" + value() + "\" for " + where + ": " + why);
    }

    /** Null if there is no such flag. */
    private static String defaultOf(String name) {
        for (String[] flag : TABLE) {
            if (flag[0].equals(name)) {
                return flag[1];
            }
        }
        return null;
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
            text.append(row("-" + flag[0],
                    flag[2] + (flag[1].isEmpty() ? "" : " (" + flag[1] + ")")));
        }
        return text
                .append(row("-" + HELP, "print this text; -help TOPIC: print a page listed below"))
                .append(row("-" + NEW_SECRET, "print a new secret, for -secretfile"))
                .append(row("-" + VERSION, "print the version")).toString();
    }

    /** A line of a table with two columns. */
    static String row(String name, String meaning) {
        return String.format(Locale.ROOT, "  %-15s%s\n", name, meaning);
    }
}
