package bcast.cluster.net;

import bcast.base.Log;
import bcast.cluster.gossip.Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * The addresses of the peers that the user named: literals at once, those of each name as soon as
 * its own lookup is answered. Owned by the cluster's thread.
 */
public final class NamedPeers {

    private final List<Address> named;
    private final NameLookup lookup;
    private final Executor door;
    private final Log log;
    private final Consumer<List<Address>> found;
    private final Map<String, List<InetAddress>> known = new HashMap<>();
    private final Set<String> unknown = new HashSet<>();
    private final Set<String> slow = new HashSet<>();

    /**
     * Nothing is known yet.
     *
     * @param named addresses whose hosts are names or literals
     * @param lookup looks up the names
     * @param door runs answers on the cluster's thread
     * @param log where names without an address are logged
     * @param found told all addresses known so far, with literals as hosts
     */
    public NamedPeers(List<Address> named, NameLookup lookup, Executor door, Log log,
            Consumer<List<Address>> found) {
        this.named = named;
        this.lookup = lookup;
        this.door = door;
        this.log = log;
        this.found = found;
    }

    /** Begins to look up each name that is not being looked up already. */
    public void lookUp() {
        Set<String> hosts = new LinkedHashSet<>();
        named.forEach(address -> hosts.add(address.host()));
        for (Address address : named) {
            if (address.literal()) {
                hosts.remove(address.host());
                answered(address.host(), literal(address.host()));
            }
        }
        if (!known.isEmpty()) {
            found.accept(all());
        }
        for (String host : hosts) {
            boolean asked = lookup.ask(host, answer -> door.execute(() -> {
                slow.remove(host);
                answered(host, answer);
                found.accept(all());
            }));
            if (!asked && slow.add(host)) {
                log.warn("the lookup of " + host + " takes long: its name servers are silent, or "
                        + "those of other names in -peers are");
            }
        }
    }

    /** No lookup: only the interface of a link-local address may be unknown. */
    private static List<InetAddress> literal(String host) {
        try {
            return List.of(InetAddress.getByName(host));
        } catch (UnknownHostException e) {
            return List.of();
        }
    }

    private void answered(String host, List<InetAddress> addresses) {
        known.put(host, addresses);
        if (!addresses.isEmpty()) {
            unknown.remove(host);
        } else if (unknown.add(host)) {
            log.warn("no address is known for " + host + " in -peers; it is looked up again");
        }
    }

    private List<Address> all() {
        List<Address> all = new ArrayList<>();
        for (Address address : named) {
            for (InetAddress each : known.getOrDefault(address.host(), List.of())) {
                all.add(new Address(each.getHostAddress(), address.port()));
            }
        }
        return all;
    }
}
