package bcast.http;

import bcast.http.server.IpLiteral;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** IP networks in CIDR notation (RFC 4632, RFC 4291). Immutable. */
public final class Networks {

    /** Most networks in a list: each request of a proxy may be compared with all of them. */
    public static final int MAX_NETWORKS = 64;

    private record Network(byte[] address, int bits) {

        boolean contains(byte[] other) {
            return other.length == address.length && equalsUpTo(other);
        }

        private boolean equalsUpTo(byte[] other) {
            int whole = bits / 8;
            for (int i = 0; i < whole; i++) {
                if (address[i] != other[i]) {
                    return false;
                }
            }
            int rest = bits % 8;
            return rest == 0 || ((address[whole] ^ other[whole]) & 0xff) >> 8 - rest == 0;
        }

        /** Whether all bits behind the prefix are 0. */
        boolean aligned() {
            for (int bit = bits; bit < 8 * address.length; bit++) {
                if ((address[bit / 8] >> 7 - bit % 8 & 1) != 0) {
                    return false;
                }
            }
            return true;
        }
    }

    private final List<Network> networks;

    private Networks(List<Network> networks) {
        this.networks = networks;
    }

    /**
     * Reads networks.
     *
     * @param list each an address and, after a slash, the number of bits of its prefix; an address
     *     alone is that one host
     * @return the networks
     * @throws IllegalArgumentException if one of them is anything else, has bits behind its prefix,
     *     or there are more than {@link #MAX_NETWORKS}
     */
    public static Networks of(List<String> list) {
        if (list.size() > MAX_NETWORKS) {
            throw new IllegalArgumentException(list.size() + " networks, the limit is "
                    + MAX_NETWORKS);
        }
        List<Network> networks = new ArrayList<>();
        for (String each : list) {
            networks.add(network(each));
        }
        return new Networks(List.copyOf(networks));
    }

    private static Network network(String text) {
        int slash = text.indexOf('/');
        byte[] address = IpLiteral.parse(slash < 0 ? text : text.substring(0, slash))
                .orElseThrow(() -> new IllegalArgumentException("\"" + text
                        + "\" is no IP address or ADDRESS/BITS, such as 10.0.0.0/8 or fd00::/8"))
                .getAddress();
        int most = 8 * address.length;
        if (slash < 0) {
            return new Network(address, most);
        }
        String bits = text.substring(slash + 1);
        if (!bits.matches("\\d{1,3}") || Integer.parseInt(bits) > most) {
            throw new IllegalArgumentException("\"" + text + "\": \"" + bits
                    + "\" is not a number of bits in 0.." + most);
        }
        Network network = new Network(address, Integer.parseInt(bits));
        if (!network.aligned()) {
            throw new IllegalArgumentException("\"" + text + "\" has bits after the first " + bits
                    + "; for one host leave out /" + bits);
        }
        return network;
    }

    /**
     * Finds whether an address is in one of the networks.
     *
     * @param address any address; the zone of IPv6 is ignored
     * @return whether it is in one
     */
    public boolean contain(InetAddress address) {
        for (Network network : networks) {
            if (network.contains(address.getAddress())) {
                return true;
            }
        }
        return false;
    }
}
