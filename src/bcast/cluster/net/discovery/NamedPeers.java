package bcast.cluster.net.discovery;

import bcast.base.Log;
import bcast.cluster.gossip.link.Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The addresses of the peers that the user named in {@code -peers}. A literal is known at once, the
 * addresses of a name when its lookup is finished. Owned by the cluster's thread.
 */
public final class NamedPeers {

    private final List<Address> named;
    private final NameLookup lookup;
    private final Log log;
    private final Consumer<List<Address>> found;
    private final Map<String, List<InetAddress>> known = new HashMap<>();
    private final Set<String> slow = new HashSet<>();

    /**
     * No address is known yet.
     *
     * @param named addresses whose hosts are names or literals
     * @param found receives all addresses known so far, with literals as hosts
     */
    public NamedPeers(List<Address> named, NameLookup lookup, Log log,
            Consumer<List<Address>> found) {
        this.named = named;
        this.lookup = lookup;
        this.log = log;
        this.found = found;
    }

    /** Starts to look up each name that is not being looked up already. */
    public void lookUp() {
        named.stream().filter(Address::literal).map(Address::host).forEach(host ->
                answered(host, literal(host)));
        if (!known.isEmpty()) {
            found.accept(all());
        }
        named.stream().filter(address -> !address.literal()).map(Address::host).distinct()
                .forEach(this::lookUp);
    }

    private void lookUp(String host) {
        boolean asked = lookup.ask(host, answer -> {
            slow.remove(host);
            answered(host, answer);
            found.accept(all());
        });
        if (!asked && slow.add(host)) {
            log.warn("the lookup of " + host + " takes long: its name servers do not answer, or "
                    + "those of other names in -peers do not");
        }
    }

    /** Parses a literal, which fails if a link-local address names an unknown interface. */
    private static List<InetAddress> literal(String host) {
        try {
            return List.of(InetAddress.getByName(host));
        } catch (UnknownHostException e) {
            return List.of();
        }
    }

    private void answered(String host, List<InetAddress> addresses) {
        List<InetAddress> before = known.put(host, addresses);
        if (addresses.isEmpty() && (before == null || !before.isEmpty())) {
            log.warn("no address is known for " + host + " in -peers; looking it up again");
        }
    }

    private List<Address> all() {
        return named.stream().flatMap(address -> known.getOrDefault(address.host(), List.of())
                .stream().map(each -> new Address(each.getHostAddress(), address.port()))).toList();
    }
}
