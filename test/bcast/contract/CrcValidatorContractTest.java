package bcast.contract;

import bcast.validator.Validator;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.CRC32;

/** The example of a validator. */
final class CrcValidatorContractTest extends ValidatorContract {

    @Override
    protected Validator newValidator() throws Exception {
        return Examples.make(Validator.class, "validator.CrcValidator");
    }

    @Override
    protected String signature(String raw) {
        return crc(raw);
    }

    static String crc(String raw) {
        CRC32 crc = new CRC32();
        crc.update(raw.getBytes(StandardCharsets.UTF_8));
        return String.format(Locale.ROOT, "%08X", crc.getValue());
    }
}
