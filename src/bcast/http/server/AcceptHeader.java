package bcast.http.server;

import java.util.List;
import java.util.Locale;

/**
 * The weight that a client gives to a form of the answer, by {@code Accept} or
 * {@code Accept-Encoding} (RFC 9110, sections 12.4 and 12.5). Parameters other than the weight are
 * ignored; so is an element whose weight is malformed.
 */
final class AcceptHeader {

    private static final String WEIGHT = "(0(\\.\\d{0,3})?|1(\\.0{0,3})?)";

    private AcceptHeader() {}

    /** The best match for something: how specific it is, 0 for none, and its weight. */
    private record Match(int specific, double weight) {}

    /**
     * Whether a client prefers one form to the usual one: it gives it more weight, or the same
     * and names it. Without the header it does not.
     *
     * @param header all lines of the header, joined by commas
     */
    static boolean prefers(String header, String wanted, String usual) {
        List<String> elements = HeaderSyntax.split(header.toLowerCase(Locale.ROOT), ',');
        Match best = match(elements, wanted);
        double other = match(elements, usual).weight;
        return best.weight > other
                || best.weight > 0 && best.weight == other && best.specific == 3;
    }

    /** Of several elements that match the most specific decides, and of equal ones the first. */
    private static Match match(List<String> elements, String what) {
        Match best = new Match(0, 0);
        for (String element : elements) {
            List<String> parts = HeaderSyntax.split(element, ';');
            int specific = parts.isEmpty() ? 0 : specific(parts.get(0), what);
            double weight = weight(parts);
            if (specific > best.specific && weight >= 0) {
                best = new Match(specific, weight);
            }
        }
        return best;
    }

    private static int specific(String range, String what) {
        if (range.equals(what)) {
            return 3;
        }
        int slash = what.indexOf('/');
        if (slash > 0) {
            return range.equals(what.substring(0, slash) + "/*") ? 2 : range.equals("*/*") ? 1 : 0;
        }
        return range.equals("*") ? 1 : 0;
    }

    /** The weight, 1 if none is given, and -1 if it is malformed. */
    private static double weight(List<String> parts) {
        for (String part : parts) {
            if (part.startsWith("q=")) {
                String weight = part.substring(2);
                return weight.matches(WEIGHT) ? Double.parseDouble(weight) : -1;
            }
        }
        return 1;
    }
}
