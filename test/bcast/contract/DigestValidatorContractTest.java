package bcast.contract;

import bcast.testing.News;
import bcast.validator.DigestValidator;
import bcast.validator.Validator;
import java.util.Locale;

/** The default validator. */
final class DigestValidatorContractTest extends ValidatorContract {

    @Override
    protected Validator newValidator() {
        return DigestValidator.md5();
    }

    @Override
    protected String signature(String raw) {
        return News.md5(raw).toUpperCase(Locale.ROOT);
    }
}
