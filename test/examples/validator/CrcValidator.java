package validator;

import bcast.data.Data;
import bcast.validator.Validator;
import java.util.Locale;
import java.util.zip.CRC32;

/** Accepts a record whose signature is the CRC-32 of raw in hex; lower case is canonical. */
public final class CrcValidator implements Validator {

    @Override public String name() { return "crc32"; }

    @Override public Verdict check(Data data) {
        CRC32 crc = new CRC32();
        crc.update(data.rawBytes());
        String expected = String.format(Locale.ROOT, "%08x", crc.getValue());
        return data.signature().equalsIgnoreCase(expected)
                ? new Verdict.Valid(data.withSignature(expected))
                : new Verdict.Invalid("signature is not the CRC-32 of raw");
    }
}
