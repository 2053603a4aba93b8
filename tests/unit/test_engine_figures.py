"""INFO as figures."""

from cachewright.agents.engines.redis.figures import figures

INFO = b"""# Server\r
redis_version:7.0.15\r
# Replication\r
role:slave\r
master_host:172.18.0.9\r
master_link_status:down\r
slave0:ip=172.18.0.4,port=6379,state=online,offset=14,lag=1\r
# Memory\r
used_memory:1082832\r
used_memory_human:1.03M\r
mem_fragmentation_ratio:1.25\r
# Commandstats\r
cmdstat_get:calls=2,usec=3,usec_per_call=1.50,rejected_calls=0,failed_calls=0\r
cmdstat_config|get:calls=3,usec=4,usec_per_call=1.33,rejected_calls=0,failed_calls=0\r
cmdstat_config|set:calls=1,usec=9,usec_per_call=9.00,rejected_calls=0,failed_calls=0\r
# Errorstats\r
errorstat_WRONGPASS:count=5\r
# Keyspace\r
db0:keys=2,expires=1,avg_ttl=99950\r
"""


def test_numbers_are_told_under_their_names() -> None:
    told = figures(INFO)
    assert (told["used_memory"], told["mem_fragmentation_ratio"]) == (1082832, 1.25)
    assert not {"redis_version", "used_memory_human", "master_host", "slave0.lag"} & told.keys()


def test_yes_and_no_are_one_and_nothing() -> None:
    assert (figures(INFO)["role"], figures(INFO)["master_link_status"]) == (0, 0)
    assert figures(b"role:master\r\nmaster_link_status:up\r\n") == {"role": 1, "master_link_status": 1}


def test_parts_of_a_field_follow_a_dot() -> None:
    told = figures(INFO)
    assert (told["db0.keys"], told["db0.expires"], told["db0.avg_ttl"]) == (2, 1, 99950)
    assert (told["errorstat_WRONGPASS.count"], told["cmdstat_get.usec"]) == (5, 3)


def test_parts_of_a_command_are_the_commands() -> None:
    assert (figures(INFO)["cmdstat_config.calls"], figures(INFO)["cmdstat_config.usec"]) == (4, 13)


def test_what_is_no_info_tells_nothing() -> None:
    assert figures(b"") == {}
    assert figures(b"\xff\xfe:1=\r\n:::\r\n=,=\r\ndb0:=,keys\r\n") == {}
