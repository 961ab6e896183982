package bcast.http.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** NDJSON or JSON, gzip or not, by what a client accepts. */
final class AcceptHeaderTest {

    private static final String LINES = Call.NDJSON;
    private static final String JSON = Call.JSON;

    private static void lines(boolean expected, String accept) {
        assertEquals(expected, HeaderSyntax.prefers(accept, LINES, JSON), accept);
    }

    private static void gzip(boolean expected, String accept) {
        assertEquals(expected, HeaderSyntax.prefers(accept, "gzip", "identity"), accept);
    }

    @Test
    void theFormThatHasMoreWeight() {
        lines(false, "");
        lines(true, LINES);
        lines(true, "Application/X-NDJSON");
        lines(false, JSON);
        lines(true, LINES + ", " + JSON);
        lines(true, JSON + "," + LINES);
        lines(true, JSON + ";q=0.5, " + LINES + ";q=0.6");
        lines(false, JSON + ";q=0.6, " + LINES + ";q=0.5");
        lines(true, "text/html, ," + LINES + ";Q=0.001 ,");
        lines(false, LINES + ";q=0");
        lines(false, LINES + ";q=0.000, */*");
        lines(false, "text/html");
    }

    @Test
    void rangesCountLessThanNamesAndMoreThanNothing() {
        lines(false, "*/*");
        lines(false, "application/*");
        lines(false, "application/*, */*;q=0.1");
        lines(true, LINES + ", */*");
        lines(true, LINES + ";q=0.5, */*;q=0.5");
        lines(false, LINES + ";q=0.5, */*");
        lines(true, JSON + ";q=0, */*");
        lines(true, JSON + ";q=0.4, application/*;q=0.5");
        lines(true, "*/*;q=1, application/json;q=0.9");
        lines(true, "application/*;q=0, " + LINES);
        lines(false, "text/*");
        lines(false, "applicatio/*, application/x-ndjso");
    }

    @Test
    void elementsWithAMalformedWeightAreIgnored() {
        for (String weight : new String[] {"", "x", "2", "1.1", "1.001", "-1", "0.1234", ".5", "+1",
            "1e0", "NaN", "\"1\""}) {
            lines(false, LINES + ";q=" + weight);
            lines(true, LINES + ";q=0.1, " + JSON + ";q=" + weight);
        }
        lines(true, LINES + ";q=1.000");
        lines(true, LINES + ";q=1.");
        lines(true, LINES + " ; q=0.5");
    }

    @Test
    void otherParametersAreIgnored() {
        lines(true, LINES + ";charset=utf-8");
        lines(false, LINES + ";charset=utf-8;q=0");
        lines(true, LINES + ";profile=\"a,b;q=0\"");
        lines(false, "text/html;profile=\"," + LINES + ",\"");
        lines(true, LINES + ";;q=1");
    }

    @Test
    void gzipUnlessTheClientWouldRatherHaveThePlainBytes() {
        gzip(false, "");
        gzip(true, "gzip");
        gzip(true, "br, gzip;q=0.8, deflate");
        gzip(true, "gzip;q=0.001");
        gzip(false, "gzip;q=0");
        gzip(false, "identity");
        gzip(false, "identity, gzip;q=0.5");
        gzip(true, "identity;q=0.5, gzip");
        gzip(true, "identity, gzip");
        gzip(false, "*");
        gzip(true, "gzip, *;q=0");
        gzip(true, "identity;q=0, *");
        gzip(false, "*, gzip;q=0");
        gzip(false, "xgzip, gzipx");
    }
}
