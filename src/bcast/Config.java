package bcast;

import bcast.base.Log;
import bcast.base.Units;
import bcast.cluster.gossip.Address;
import bcast.cluster.gossip.Message;
import bcast.data.Data;
import bcast.data.Utf8;
import bcast.http.Networks;
import bcast.storage.Journal;
import java.net.IDN;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What a node is told at start; see {@link Flags} for meanings and units.
 *
 * @param httpPort port for clients
 * @param bind the only address used, or empty for all
 * @param clusterPort TCP port for links
 * @param advertise where peers should dial, or empty
 * @param group multicast group, or empty for none
 * @param peers addresses to dial
 * @param cluster name of the cluster
 * @param retentionMs how long news is kept
 * @param intervalMs time between broadcasts of all data
 * @param flushWindowMs how long records wait for others on a link
 * @param maxRaw longest raw taken from a client, in bytes
 * @param maxBytes memory for records, sketches and queues, in bytes
 * @param dataDir where news is kept on disk, or empty
 * @param sync when the disk must have it
 * @param confirmed whether a peer has to hold a record before its client is told
 * @param maxSkewMs how far clocks may be apart
 * @param validator name or class of the validator
 * @param secretFile file of the cluster's secrets, or empty
 * @param tokenFile file of the tokens that posts need, or empty
 * @param tlsCert file of the certificates for HTTPS, or empty
 * @param tlsKey file of their key; there if the certificates are
 * @param hosts names under which browsers may post
 * @param cors the other origin whose pages may read and post, or empty
 * @param trustProxy reverse proxies whose X-Forwarded-For is believed
 * @param accessLog whether each request is logged
 * @param logLevel most detailed level logged
 */
record Config(int httpPort, Optional<InetAddress> bind, int clusterPort,
        Optional<Address> advertise, Optional<InetSocketAddress> group, List<Address> peers,
        String cluster, long retentionMs, long intervalMs, long flushWindowMs, int maxRaw,
        long maxBytes, Optional<Path> dataDir, Journal.Sync sync, boolean confirmed, long maxSkewMs,
        String validator, Optional<Path> secretFile, Optional<Path> tokenFile,
        Optional<Path> tlsCert, Optional<Path> tlsKey, Set<String> hosts, Optional<String> cors,
        Networks trustProxy, boolean accessLog, Log.Level logLevel) {

    private enum Ack { LOCAL, PEER }

    private static final int MAX_PORT = 65_535;

    /** Begins the validator that is followed by a file of keys. */
    static final String ED25519 = "ed25519:";

    /** Shorter ones would expire while they travel. */
    static final long MIN_RETENTION_MS = 1_000;

    /** A year: far below where sums of times overflow. */
    static final long MAX_DURATION_MS = 366L * 24 * 3_600_000;

    static final long MIN_INTERVAL_MS = 100;

    /** News that waits longer for company is hardly news. */
    static final long MAX_FLUSH_WINDOW_MS = 5_000;

    /** Less would not hold one record of the largest size, sketches and queues. */
    static final long MIN_MAX_BYTES = 16L << 20;

    /** The rest of the heap is for requests, links and Java itself. */
    static final int MAX_HEAP_PERCENT = 80;

    /** Divides {@code -maxbytes}: a 16th is for what waits on links. */
    private static final int QUEUES_SHARE = 16;
    private static final long MIN_QUEUES_BYTES = 2L << 20;
    private static final long MAX_QUEUES_BYTES = 64L << 20;

    static Config of(Flags flags) throws UsageException {
        Config config = read(flags);
        if (config.tlsCert.isPresent() != config.tlsKey.isPresent()) {
            throw new UsageException("-tlscert and -tlskey go together");
        }
        if (config.dataDir.isEmpty() && config.sync != Journal.Sync.INTERVAL) {
            throw new UsageException("-fsync goes with -datadir");
        }
        if (config.maxBytes < MIN_MAX_BYTES) {
            throw new UsageException("-maxbytes is half of Java's heap, "
                    + Units.size(config.maxBytes) + ", and less than "
                    + Units.size(MIN_MAX_BYTES) + "; give Java more by -Xmx");
        }
        return config;
    }

    private static Config read(Flags flags) throws UsageException {
        try {
            return new Config(
                    port(flags.get("httpport")),
                    bind(flags.get("bind")),
                    port(flags.get("clusterport")),
                    advertise(flags.get("advertise")),
                    group(flags.get("group")),
                    addresses(flags.get("peers")),
                    name(flags.get("cluster")),
                    duration(flags.get("retention"), MIN_RETENTION_MS),
                    duration(flags.get("interval"), MIN_INTERVAL_MS),
                    duration(flags.get("flushwindow"), 0, MAX_FLUSH_WINDOW_MS),
                    maxRaw(flags.get("maxraw")),
                    maxBytes(flags.get("maxbytes")),
                    path(flags.get("datadir")),
                    oneOf(Journal.Sync.values(), flags.get("fsync")),
                    oneOf(Ack.values(), flags.get("ack")) == Ack.PEER,
                    duration(flags.get("maxskew"), 1),
                    validatorName(flags.get("validator")),
                    path(flags.get("secretfile")),
                    path(flags.get("tokenfile")),
                    path(flags.get("tlscert")),
                    path(flags.get("tlskey")),
                    hosts(flags.get("host")),
                    origin(flags.get("cors")),
                    Networks.of(items(flags.get("trustproxy"))),
                    onOrOff(flags.get("accesslog")),
                    oneOf(Log.Level.values(), flags.get("loglevel")));
        } catch (NumberFormatException e) {
            throw flags.bad("not a whole number");
        } catch (IllegalArgumentException e) {
            throw flags.bad(e.getMessage());
        } catch (ArithmeticException e) {
            throw flags.bad("too large");
        }
    }

    private static Optional<Address> advertise(String value) {
        if (value.isEmpty()) {
            return Optional.empty();
        }
        Address address = address(value);
        if (address.linkLocal()) {
            throw new IllegalArgumentException("a link-local address means nothing on another "
                    + "host");
        }
        return Optional.of(address);
    }

    private static Optional<Path> path(String value) {
        return value.isEmpty() ? Optional.empty() : Optional.of(Path.of(value));
    }

    private static int port(String value) {
        int port = Integer.parseInt(value);
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException("not in 0.." + MAX_PORT);
        }
        return port;
    }

    private static Optional<InetAddress> bind(String value) {
        if (value.isEmpty()) {
            return Optional.empty();
        }
        try {
            InetAddress address = InetAddress.getByName(value);
            return address.isAnyLocalAddress() ? Optional.empty() : Optional.of(address);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("no such address", e);
        }
    }

    private static Address address(String value) {
        int colon = value.lastIndexOf(':');
        if (colon <= 0 || colon == value.length() - 1) {
            throw new IllegalArgumentException("\"" + value + "\" is not host:port");
        }
        String host = value.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        } else if (host.contains(":")) {
            throw new IllegalArgumentException("\"" + value + "\": write IPv6 as [addr]:port");
        }
        if (host.isEmpty() || host.length() > Address.MAX_HOST_CHARS) {
            throw new IllegalArgumentException("\"" + value + "\" has no host of 1.."
                    + Address.MAX_HOST_CHARS + " characters");
        }
        int port = port(value.substring(colon + 1));
        if (port == 0) {
            throw new IllegalArgumentException("port 0 cannot be dialled");
        }
        return new Address(host, port);
    }

    private static List<String> items(String value) {
        List<String> items = new ArrayList<>();
        for (String item : value.split(",")) {
            if (!item.isBlank()) {
                items.add(item.trim());
            }
        }
        return items;
    }

    private static List<Address> addresses(String value) {
        List<Address> addresses = new ArrayList<>();
        for (String item : items(value)) {
            addresses.add(address(item));
        }
        return List.copyOf(addresses);
    }

    private static Optional<InetSocketAddress> group(String value) {
        if (value.equals("off")) {
            return Optional.empty();
        }
        Address group = address(value);
        if (!group.literal()) {
            throw new IllegalArgumentException("not an IPv4 multicast address:port, nor off");
        }
        InetSocketAddress address = new InetSocketAddress(group.host(), group.port());
        boolean multicast = !address.isUnresolved() && address.getAddress().isMulticastAddress()
                && address.getAddress().getAddress().length == 4;
        if (!multicast) {
            throw new IllegalArgumentException("not an IPv4 multicast address:port, nor off");
        }
        return Optional.of(address);
    }

    private static String name(String value) {
        int length = Utf8.encode(value).length;
        if (length < 1 || length > Message.MAX_TEXT_BYTES) {
            throw new IllegalArgumentException("not 1.." + Message.MAX_TEXT_BYTES + " bytes long");
        }
        return value;
    }

    private static String validatorName(String value) {
        boolean known = value.equals("md5") || value.equals("sha256")
                || value.startsWith(ED25519) || value.contains(".");
        if (!known || value.equals(ED25519)) {
            throw new IllegalArgumentException("not md5, sha256, " + ED25519
                    + "FILE or the full name of a class");
        }
        return value;
    }

    private static long duration(String value, long min) {
        return duration(value, min, MAX_DURATION_MS);
    }

    private static long duration(String value, long min, long max) {
        long ms = Units.durationMs(value);
        if (ms < min || ms > max) {
            throw new IllegalArgumentException("not in " + Units.duration(min) + ".."
                    + Units.duration(max));
        }
        return ms;
    }

    private static int maxRaw(String value) {
        long bytes = Units.bytes(value);
        if (bytes < 1 || bytes > Data.MAX_RAW_BYTES) {
            throw new IllegalArgumentException("not in 1.." + Data.MAX_RAW_BYTES + " bytes");
        }
        return (int) bytes;
    }

    private static long maxBytes(String value) {
        if (value.equals("half the heap")) {
            return Runtime.getRuntime().maxMemory() / 2;
        }
        long bytes = Units.bytes(value);
        if (bytes < MIN_MAX_BYTES) {
            throw new IllegalArgumentException("less than " + Units.size(MIN_MAX_BYTES));
        }
        long heap = Runtime.getRuntime().maxMemory();
        if (bytes > heap / 100 * MAX_HEAP_PERCENT) {
            throw new IllegalArgumentException("more than " + MAX_HEAP_PERCENT
                    + " % of Java's heap of " + Units.size(heap)
                    + "; give it more by java -Xmx");
        }
        return bytes;
    }

    /** Of {@link #maxBytes}, what is for messages that wait on links. */
    long queuesBytes() {
        return Math.min(Math.max(maxBytes / QUEUES_SHARE, MIN_QUEUES_BYTES), MAX_QUEUES_BYTES);
    }

    /** Of {@link #maxBytes}, what is for records, their indexes and sketches. */
    long recordsBytes() {
        return maxBytes - queuesBytes();
    }

    /** What {@link #maxBytes} leaves of the heap. */
    long freeBytes() {
        return Runtime.getRuntime().maxMemory() - maxBytes;
    }

    private static Set<String> hosts(String value) {
        Set<String> hosts = new HashSet<>();
        for (String host : items(value)) {
            boolean bracketed = host.startsWith("[") && host.endsWith("]")
                    && new Address(host.substring(1, host.length() - 1), 0).literal();
            if (host.contains("/") || host.contains(":") && !bracketed) {
                throw new IllegalArgumentException("\"" + host
                        + "\": write the name alone, without scheme or port, and IPv6 as [addr]");
            }
            hosts.add(bracketed ? host : asciiName(host));
        }
        return Set.copyOf(hosts);
    }

    /** Browsers send names with other letters in this form (RFC 3490). */
    private static String asciiName(String host) {
        try {
            return IDN.toASCII(host, IDN.ALLOW_UNASSIGNED);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("\"" + host + "\" is no host name: "
                    + e.getMessage(), e);
        }
    }

    private static Optional<String> origin(String value) {
        boolean origin = value.isEmpty() || value.equals("*")
                || value.matches("[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#@\\s]+");
        if (!origin) {
            throw new IllegalArgumentException("not scheme://host or scheme://host:port, nor *");
        }
        return value.isEmpty() ? Optional.empty() : Optional.of(value);
    }

    private static boolean onOrOff(String value) {
        boolean on = value.equalsIgnoreCase(Flags.ON);
        if (!on && !value.equalsIgnoreCase(Flags.OFF)) {
            throw new IllegalArgumentException("neither " + Flags.ON + " nor " + Flags.OFF);
        }
        return on;
    }

    private static <E extends Enum<E>> E oneOf(E[] kinds, String value) {
        List<String> names = new ArrayList<>();
        for (E each : kinds) {
            String name = each.name().toLowerCase(Locale.ROOT);
            if (value.equalsIgnoreCase(name)) {
                return each;
            }
            names.add(name);
        }
        int last = names.size() - 1;
        throw new IllegalArgumentException("not " + String.join(", ", names.subList(0, last))
                + " or " + names.get(last));
    }
}
