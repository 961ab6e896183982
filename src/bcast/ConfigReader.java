package bcast;

import bcast.base.HostPort;
import bcast.base.Log;
import bcast.base.Units;
import bcast.cluster.ClusterSettings;
import bcast.data.Data;
import bcast.data.Utf8;
import bcast.http.Networks;
import bcast.storage.journal.Journal;
import java.net.Inet4Address;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Makes sense of the values of flags. */
final class ConfigReader {

    private enum Ack { LOCAL, PEER }

    private static final Pattern ORIGIN = Pattern.compile(
            "([a-zA-Z][a-zA-Z0-9+.-]*)://([^/?#@\\s]+)");
    private static final Pattern SITE = Pattern.compile("(\\[.*]|[^:]*)(?::([0-9]+))?");

    private ConfigReader() {}

    static Config config(Flags flags) throws UsageException {
        Config config = read(flags);
        if (config.tlsCert().isPresent() != config.tlsKey().isPresent()) {
            throw new UsageException("-tlscert and -tlskey must be given together");
        }
        if (config.dataDir().isEmpty() && config.sync() != Journal.Sync.INTERVAL) {
            throw new UsageException("-fsync needs -datadir");
        }
        if (config.maxBytes() < Config.MIN_MAX_BYTES) {
            throw new UsageException("-maxbytes is half of Java's heap, "
                    + Units.size(config.maxBytes()) + ", and less than "
                    + Units.size(Config.MIN_MAX_BYTES) + "; give Java more by -Xmx");
        }
        return config;
    }

    private static Config read(Flags flags) throws UsageException {
        try {
            return new Config(
                    HostPort.port(flags.get("httpport")),
                    bind(flags.get("bind")),
                    HostPort.port(flags.get("clusterport")),
                    advertise(flags.get("advertise")),
                    group(flags.get("group")),
                    addresses(flags.get("peers")),
                    name(flags.get("cluster")),
                    duration(flags.get("retention"), Config.MIN_RETENTION_MS),
                    duration(flags.get("interval"), Config.MIN_INTERVAL_MS),
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

    private static Optional<InetSocketAddress> advertise(String value) {
        if (value.isEmpty()) {
            return Optional.empty();
        }
        InetSocketAddress address = address(value);
        if (HostPort.linkLocal(address.getHostString())) {
            throw new IllegalArgumentException("a link-local address is valid only on its own "
                    + "link");
        }
        InetAddress literal = literal(address).getAddress();
        if (literal != null && (literal.isAnyLocalAddress() || literal.isMulticastAddress())) {
            throw new IllegalArgumentException("peers cannot dial it; expected an address or "
                    + "a name of this host");
        }
        return Optional.of(address);
    }

    /** Resolves a literal, unless this host has no such zone; names stay as they are. */
    private static InetSocketAddress literal(InetSocketAddress address) {
        String host = address.getHostString();
        return HostPort.literal(host) ? new InetSocketAddress(host, address.getPort()) : address;
    }

    private static Optional<Path> path(String value) {
        return value.isEmpty() ? Optional.empty() : Optional.of(Path.of(value));
    }

    private static Optional<InetAddress> bind(String value) {
        if (value.isEmpty()) {
            return Optional.empty();
        }
        String host = HostPort.literal(value) ? value : HostPort.parseHost(value);
        try {
            InetAddress address = InetAddress.getByName(host);
            return address.isAnyLocalAddress() ? Optional.empty() : Optional.of(address);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("no such address; expected an address of this "
                    + "host, or a name that has one", e);
        }
    }

    private static InetSocketAddress address(String value) {
        InetSocketAddress address = HostPort.parse(value);
        if (address.getPort() == 0) {
            throw new IllegalArgumentException("port 0 cannot be dialled");
        }
        return address;
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

    private static List<InetSocketAddress> addresses(String value) {
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (String item : items(value)) {
            addresses.add(address(item));
        }
        return List.copyOf(addresses);
    }

    private static Optional<InetSocketAddress> group(String value) {
        if (value.equals("off")) {
            return Optional.empty();
        }
        InetSocketAddress group = literal(address(value));
        if (group.getAddress() instanceof Inet4Address && group.getAddress().isMulticastAddress()) {
            return Optional.of(group);
        }
        throw new IllegalArgumentException("neither an IPv4 multicast address:port nor off");
    }

    private static String name(String value) {
        int length = Utf8.encode(value).length;
        if (length < 1 || length > ClusterSettings.MAX_NAME_BYTES) {
            throw new IllegalArgumentException("not 1.." + ClusterSettings.MAX_NAME_BYTES
                    + " bytes long");
        }
        return value;
    }

    private static String validatorName(String value) {
        boolean known = value.equals("md5") || value.equals("sha256")
                || value.startsWith(Credentials.ED25519) || value.contains(".");
        if (!known || value.equals(Credentials.ED25519)) {
            throw new IllegalArgumentException("not md5, sha256, " + Credentials.ED25519
                    + "FILE or the full name of a class");
        }
        return value;
    }

    private static long duration(String value, long min) {
        long ms = Units.durationMs(value);
        if (ms < min || ms > Config.MAX_DURATION_MS) {
            throw new IllegalArgumentException("not in " + Units.duration(min) + ".."
                    + Units.duration(Config.MAX_DURATION_MS));
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
        if (bytes < Config.MIN_MAX_BYTES) {
            throw new IllegalArgumentException("less than " + Units.size(Config.MIN_MAX_BYTES));
        }
        long heap = Runtime.getRuntime().maxMemory();
        if (bytes > heap / 100 * Config.MAX_HEAP_PERCENT) {
            throw new IllegalArgumentException("more than " + Config.MAX_HEAP_PERCENT
                    + " % of Java's heap of " + Units.size(heap)
                    + "; give it more by java -Xmx");
        }
        return bytes;
    }

    private static Set<String> hosts(String value) {
        Set<String> hosts = new HashSet<>();
        for (String item : items(value)) {
            if (item.contains("/") || item.contains(":") && !item.startsWith("[")) {
                throw new IllegalArgumentException("\"" + item
                        + "\": write the name alone, without scheme or port, and IPv6 as [addr]");
            }
            hosts.add(host(item));
        }
        return Set.copyOf(hosts);
    }

    /** Extensions of browsers have schemes of their own, whose hosts are no names. */
    private static Optional<String> origin(String value) {
        Matcher parts = ORIGIN.matcher(value);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (!parts.matches() && !value.equals("*")) {
            throw new IllegalArgumentException("not scheme://host, scheme://host:port or *");
        }
        boolean web = value.matches("(?i)https?://.*");
        return Optional.of(web ? parts.group(1) + "://" + site(parts.group(2)) : value);
    }

    private static String site(String text) {
        Matcher parts = SITE.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException("\"" + text + "\" is not host or host:port, with a "
                    + "port in 0..65535");
        }
        String port = parts.group(2);
        return host(parts.group(1)) + (port == null ? "" : ":" + HostPort.port(port));
    }

    /** As browsers write it. */
    private static String host(String text) {
        String host = HostPort.parseHost(text);
        return host.contains(":") ? "[" + host + "]" : host;
    }

    private static boolean onOrOff(String value) {
        if (!Flags.onOrOff(value)) {
            throw new IllegalArgumentException("neither " + Flags.ON + " nor " + Flags.OFF);
        }
        return value.equalsIgnoreCase(Flags.ON);
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
