package io.parallaxfleet.job;

import java.time.Duration;
import org.apache.flink.api.common.eventtime.TimestampAssigner;
import org.apache.flink.api.common.eventtime.TimestampAssignerSupplier;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkGeneratorSupplier;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;

/**
 * Bounded out-of-orderness with idleness over the telemetry; dead letters neither move time nor keep a partition awake, or one
 * device that sends garbage would hold every window open.
 */
public final class IntakeWatermarks implements WatermarkStrategy<Intake> {
    private static final long serialVersionUID = 1L;

    private final WatermarkStrategy<Intake> telemetry;

    public IntakeWatermarks(Duration outOfOrderness, Duration idleness) {
        this.telemetry = WatermarkStrategy.<Intake>forBoundedOutOfOrderness(outOfOrderness).withIdleness(idleness);
    }

    @Override
    public TimestampAssigner<Intake> createTimestampAssigner(TimestampAssignerSupplier.Context context) {
        return (intake, kafkaTimestamp) -> intake.eventTimeMillis();
    }

    @Override
    public WatermarkGenerator<Intake> createWatermarkGenerator(WatermarkGeneratorSupplier.Context context) {
        WatermarkGenerator<Intake> generator = telemetry.createWatermarkGenerator(context);
        return new WatermarkGenerator<>() {
            @Override
            public void onEvent(Intake intake, long timestamp, WatermarkOutput output) {
                if (intake.inference() != null) {
                    generator.onEvent(intake, timestamp, output);
                }
            }

            @Override
            public void onPeriodicEmit(WatermarkOutput output) {
                generator.onPeriodicEmit(output);
            }
        };
    }
}
