"""The node types that AWS offers, and what a node of one may use.

Source: the ElastiCache user guide, node-type specific parameters and supported node types (2023 to 2026 editions).
"""

from dataclasses import dataclass

from cachewright.controlplane.model.faults import invalid_value
from cachewright.controlplane.model.versions import Engine

MIB = 1024 * 1024
RESERVED_PERCENT = 25  # reserved-memory-percent, the service's default
MEMCACHED_OVERHEAD = 100  # memcached_connections_overhead, MB


@dataclass(frozen=True, slots=True)
class NodeType:
    """One row: memory in AWS's own figures."""

    name: str
    maxmemory: int  # bytes; Redis and Valkey before the reservation
    max_cache_memory: int  # MB; Memcached, connections included; 0: not offered
    threads: int  # Memcached's num_threads
    redis_from: str  # oldest Redis version; empty: Valkey alone

    @property
    def maxclients(self) -> int:
        """Connections that Redis and Valkey accept."""
        if self.name.startswith("cache.t2.") or self.name in {"cache.t3.micro", "cache.t4g.micro"}:
            return 20_000
        return 46_000 if self.name in {"cache.t3.small", "cache.t3.medium"} else 65_000

    def usable(self, engine: Engine) -> int:
        """Bytes that items may fill, after what the service reserves."""
        if engine is Engine.MEMCACHED:
            return (self.max_cache_memory - MEMCACHED_OVERHEAD) * MIB
        return self.maxmemory * (100 - RESERVED_PERCENT) // 100


NODE_TYPES: tuple[NodeType, ...] = (
    NodeType("cache.t1.micro", 142_606_336, 213, 1, "2.6.13"),
    NodeType("cache.t2.micro", 581_959_680, 555, 1, "3.2.4"),
    NodeType("cache.t2.small", 1_665_138_688, 1_588, 1, "3.2.4"),
    NodeType("cache.t2.medium", 3_461_349_376, 3_301, 2, "3.2.4"),
    NodeType("cache.t3.micro", 536_870_912, 512, 2, "3.2.4"),
    NodeType("cache.t3.small", 1_471_026_299, 1_402, 2, "3.2.4"),
    NodeType("cache.t3.medium", 3_317_862_236, 3_364, 2, "3.2.4"),
    NodeType("cache.t4g.micro", 536_870_912, 512, 2, "3.2.4"),
    NodeType("cache.t4g.small", 1_471_026_299, 1_402, 2, "5.0.6"),
    NodeType("cache.t4g.medium", 3_317_862_236, 3_164, 2, "5.0.6"),
    NodeType("cache.m1.small", 943_718_400, 1_301, 1, "2.6.13"),
    NodeType("cache.m1.medium", 3_093_299_200, 3_350, 1, "2.6.13"),
    NodeType("cache.m1.large", 7_025_459_200, 7_100, 2, "2.6.13"),
    NodeType("cache.m1.xlarge", 14_889_779_200, 14_600, 4, "2.6.13"),
    NodeType("cache.m2.xlarge", 17_091_788_800, 33_800, 2, "2.6.13"),
    NodeType("cache.m2.2xlarge", 35_022_438_400, 30_412, 4, "2.6.13"),
    NodeType("cache.m2.4xlarge", 70_883_737_600, 68_000, 16, "2.6.13"),
    NodeType("cache.m3.medium", 2_988_441_600, 2_850, 1, "2.6.13"),
    NodeType("cache.m3.large", 6_501_171_200, 6_200, 2, "2.6.13"),
    NodeType("cache.m3.xlarge", 14_260_633_600, 13_600, 4, "2.6.13"),
    NodeType("cache.m3.2xlarge", 29_989_273_600, 28_600, 8, "2.6.13"),
    NodeType("cache.m4.large", 6_892_593_152, 6_573, 2, "3.2.4"),
    NodeType("cache.m4.xlarge", 15_328_501_760, 11_496, 4, "3.2.4"),
    NodeType("cache.m4.2xlarge", 31_889_126_359, 30_412, 8, "3.2.4"),
    NodeType("cache.m4.4xlarge", 65_257_290_629, 62_234, 16, "3.2.4"),
    NodeType("cache.m4.10xlarge", 166_047_614_239, 158_355, 40, "3.2.4"),
    NodeType("cache.m5.large", 6_854_542_746, 6_537, 2, "3.2.4"),
    NodeType("cache.m5.xlarge", 13_891_921_715, 13_248, 4, "3.2.4"),
    NodeType("cache.m5.2xlarge", 27_966_669_210, 26_671, 8, "3.2.4"),
    NodeType("cache.m5.4xlarge", 56_116_178_125, 53_516, 16, "3.2.4"),
    NodeType("cache.m5.12xlarge", 168_715_971_994, 160_900, 48, "3.2.4"),
    NodeType("cache.m5.24xlarge", 337_500_562_842, 321_865, 96, "3.2.4"),
    NodeType("cache.m6g.large", 6_854_542_746, 6_537, 2, "5.0.6"),
    NodeType("cache.m6g.xlarge", 13_891_921_715, 13_248, 4, "5.0.6"),
    NodeType("cache.m6g.2xlarge", 27_966_669_210, 26_671, 8, "5.0.6"),
    NodeType("cache.m6g.4xlarge", 56_116_178_125, 53_516, 16, "5.0.6"),
    NodeType("cache.m6g.8xlarge", 111_325_552_312, 107_000, 32, "5.0.6"),
    NodeType("cache.m6g.12xlarge", 168_715_971_994, 160_900, 48, "5.0.6"),
    NodeType("cache.m6g.16xlarge", 225_000_375_228, 214_577, 64, "5.0.6"),
    NodeType("cache.m7g.large", 6_854_542_746, 6_537, 2, "6.2"),
    NodeType("cache.m7g.xlarge", 13_891_921_715, 13_248, 4, "6.2"),
    NodeType("cache.m7g.2xlarge", 27_966_669_210, 26_671, 8, "6.2"),
    NodeType("cache.m7g.4xlarge", 56_116_178_125, 53_516, 16, "6.2"),
    NodeType("cache.m7g.8xlarge", 111_325_552_312, 107_000, 32, "6.2"),
    NodeType("cache.m7g.12xlarge", 168_715_971_994, 160_900, 48, "6.2"),
    NodeType("cache.m7g.16xlarge", 225_000_375_228, 214_577, 64, "6.2"),
    NodeType("cache.m8g.large", 7_294_178_820, 6_956, 2, ""),
    NodeType("cache.m8g.xlarge", 15_222_495_510, 14_517, 4, ""),
    NodeType("cache.m8g.2xlarge", 31_866_224_640, 30_390, 8, ""),
    NodeType("cache.m8g.4xlarge", 65_856_864_256, 62_806, 16, ""),
    NodeType("cache.m8g.8xlarge", 133_838_143_488, 127_638, 32, ""),
    NodeType("cache.m8g.12xlarge", 201_819_422_720, 192_470, 48, ""),
    NodeType("cache.m8g.16xlarge", 269_800_701_952, 257_302, 64, ""),
    NodeType("cache.c1.xlarge", 6_501_171_200, 6_600, 8, "2.6.13"),
    NodeType("cache.c7gn.large", 3_317_862_236, 3_164, 2, "6.2"),
    NodeType("cache.c7gn.xlarge", 6_854_542_746, 6_537, 4, "6.2"),
    NodeType("cache.c7gn.2xlarge", 13_891_921_715, 13_248, 8, "6.2"),
    NodeType("cache.c7gn.4xlarge", 27_966_669_210, 26_671, 16, "6.2"),
    NodeType("cache.c7gn.8xlarge", 56_116_178_125, 53_516, 32, "6.2"),
    NodeType("cache.c7gn.12xlarge", 84_357_985_997, 325_400, 48, "6.2"),
    NodeType("cache.c7gn.16xlarge", 113_609_865_216, 108_347, 64, "6.2"),
    NodeType("cache.c8gn.large", 3_330_020_474, 3_176, 2, ""),
    NodeType("cache.c8gn.xlarge", 7_294_178_820, 6_956, 4, ""),
    NodeType("cache.c8gn.2xlarge", 15_222_495_510, 14_517, 8, ""),
    NodeType("cache.c8gn.4xlarge", 31_866_224_640, 30_390, 16, ""),
    NodeType("cache.c8gn.8xlarge", 65_856_864_256, 62_806, 32, ""),
    NodeType("cache.c8gn.12xlarge", 99_847_503_872, 95_222, 48, ""),
    NodeType("cache.c8gn.16xlarge", 133_838_143_488, 127_638, 64, ""),
    NodeType("cache.r3.large", 14_470_348_800, 13_800, 2, "2.6.13"),
    NodeType("cache.r3.xlarge", 30_513_561_600, 29_100, 4, "2.6.13"),
    NodeType("cache.r3.2xlarge", 62_495_129_600, 59_600, 8, "2.6.13"),
    NodeType("cache.r3.4xlarge", 126_458_265_600, 120_600, 16, "2.6.13"),
    NodeType("cache.r3.8xlarge", 254_384_537_600, 120_600, 32, "2.6.13"),
    NodeType("cache.r4.large", 13_201_781_556, 12_590, 2, "3.2.4"),
    NodeType("cache.r4.xlarge", 26_898_228_839, 25_652, 4, "3.2.4"),
    NodeType("cache.r4.2xlarge", 54_197_537_997, 51_686, 8, "3.2.4"),
    NodeType("cache.r4.4xlarge", 108_858_546_586, 103_815, 16, "3.2.4"),
    NodeType("cache.r4.8xlarge", 218_255_432_090, 208_144, 32, "3.2.4"),
    NodeType("cache.r4.16xlarge", 437_021_573_120, 416_776, 64, "3.2.4"),
    NodeType("cache.r5.large", 14_037_181_030, 13_387, 2, "3.2.4"),
    NodeType("cache.r5.xlarge", 28_261_849_702, 26_953, 4, "3.2.4"),
    NodeType("cache.r5.2xlarge", 56_711_183_565, 54_084, 8, "3.2.4"),
    NodeType("cache.r5.4xlarge", 113_609_865_216, 108_347, 16, "3.2.4"),
    NodeType("cache.r5.12xlarge", 341_206_346_547, 325_400, 48, "3.2.4"),
    NodeType("cache.r5.24xlarge", 682_485_973_811, 650_869, 96, "3.2.4"),
    NodeType("cache.r6g.large", 14_037_181_030, 13_387, 2, "5.0.6"),
    NodeType("cache.r6g.xlarge", 28_261_849_702, 26_953, 4, "5.0.6"),
    NodeType("cache.r6g.2xlarge", 56_711_183_565, 54_084, 8, "5.0.6"),
    NodeType("cache.r6g.4xlarge", 113_609_865_216, 108_347, 16, "5.0.6"),
    NodeType("cache.r6g.8xlarge", 225_000_375_228, 214_577, 32, "5.0.6"),
    NodeType("cache.r6g.12xlarge", 341_206_346_547, 325_400, 48, "5.0.6"),
    NodeType("cache.r6g.16xlarge", 450_000_750_456, 429_154, 64, "5.0.6"),
    NodeType("cache.r6gd.xlarge", 28_261_849_702, 0, 0, "6.2"),
    NodeType("cache.r6gd.2xlarge", 56_711_183_565, 0, 0, "6.2"),
    NodeType("cache.r6gd.4xlarge", 113_609_865_216, 0, 0, "6.2"),
    NodeType("cache.r6gd.8xlarge", 225_000_375_228, 0, 0, "6.2"),
    NodeType("cache.r6gd.12xlarge", 341_206_346_547, 0, 0, "6.2"),
    NodeType("cache.r6gd.16xlarge", 450_000_750_456, 0, 0, "6.2"),
    NodeType("cache.r7g.large", 14_037_181_030, 13_387, 2, "6.2"),
    NodeType("cache.r7g.xlarge", 28_261_849_702, 26_953, 4, "6.2"),
    NodeType("cache.r7g.2xlarge", 56_711_183_565, 54_084, 8, "6.2"),
    NodeType("cache.r7g.4xlarge", 113_609_865_216, 108_347, 16, "6.2"),
    NodeType("cache.r7g.8xlarge", 225_000_375_228, 214_577, 32, "6.2"),
    NodeType("cache.r7g.12xlarge", 341_206_346_547, 325_400, 48, "6.2"),
    NodeType("cache.r7g.16xlarge", 450_000_750_456, 429_154, 64, "6.2"),
    NodeType("cache.r8g.large", 15_222_495_510, 14_517, 2, ""),
    NodeType("cache.r8g.xlarge", 31_866_224_640, 30_390, 4, ""),
    NodeType("cache.r8g.2xlarge", 65_856_864_256, 62_806, 8, ""),
    NodeType("cache.r8g.4xlarge", 133_838_143_488, 127_638, 16, ""),
    NodeType("cache.r8g.8xlarge", 269_800_701_952, 257_302, 32, ""),
    NodeType("cache.r8g.12xlarge", 405_763_260_416, 386_966, 48, ""),
    NodeType("cache.r8g.16xlarge", 541_725_818_880, 516_630, 64, ""),
)

_BY_NAME = {row.name: row for row in NODE_TYPES}


def node_type(name: str) -> NodeType:
    """The node type `name`; Fault when AWS has no such type."""
    try:
        return _BY_NAME[name.lower()]
    except KeyError:
        raise invalid_value(f"Invalid Cache Node Type: {name}") from None
