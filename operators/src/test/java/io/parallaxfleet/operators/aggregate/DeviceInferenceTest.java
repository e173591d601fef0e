package io.parallaxfleet.operators.aggregate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.parallaxfleet.operators.decode.Telemetry;
import io.parallaxfleet.schemas.avro.InferenceTelemetry;
import io.parallaxfleet.schemas.avro.Validity;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class DeviceInferenceTest {
    @Test
    void aWarmValidInferenceIsMeasured() {
        DeviceInference inference = Measurements.inference(Telemetry.good());

        assertEquals(DeviceInference.Outcome.MEASURED, inference.outcome());
        assertEquals("device-1", inference.deviceId());
        assertEquals(3, inference.policyEpoch());
    }

    @Test
    void oneThatRanOutOfMemorySaysSoWhateverElseItWas() {
        InferenceTelemetry failed = Telemetry.good();
        failed.setBranchFallback(Telemetry.bytes(0, 1));
        failed.setValidity(Validity.FAILED);
        failed.setWarmup(true);

        assertEquals(DeviceInference.Outcome.OUT_OF_MEMORY, Measurements.inference(failed).outcome());
    }

    @Test
    void aColdFailureIsAFailure() {
        InferenceTelemetry failed = Telemetry.good();
        failed.setValidity(Validity.FAILED);
        failed.setWarmup(true);

        assertEquals(DeviceInference.Outcome.FAILED, Measurements.inference(failed).outcome());
    }

    @Test
    void itsBytesReadBackAsItself() throws IOException {
        DeviceInference inference = Measurements.inference(Telemetry.good());
        DeviceInferenceCodec codec = new DeviceInferenceCodec();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        codec.write(inference, new DataOutputStream(bytes));

        assertEquals(inference, codec.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()))));
    }
}
