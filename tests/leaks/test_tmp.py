import collections, time
from leaks.test_matrix import *
def test_t(world):
    c=collections.Counter(); t=collections.Counter()
    client = browser(world.snooper)
    for one in tries(world):
        a=time.perf_counter(); ask(client, one); t[one.name]+=time.perf_counter()-a; c[one.name]+=1
    for k,v in t.most_common(45): print(k, c[k], round(v,2))
    print(sum(c.values()), sum(t.values()))
