-- Requests for wrk. Arguments: operation, organization, key of the creator, key of the saver, number of tracks.
local operation, prefix, creator, saver, n, tracks

function init(args)
  operation, prefix = args[1], '/v1/music/' .. args[2] .. '/tracks'
  creator, saver = {['X-API-Key'] = args[3]}, {['X-API-Key'] = args[4]}
  n, tracks = 0, tonumber(args[5])
end

function request()
  if operation == 'list' then
    return wrk.format('GET', prefix .. '?limit=20', saver)
  end
  local path = string.format('%s/mtrack_%012d', prefix, n % tracks)
  n = n + 1
  return wrk.format(operation == 'get' and 'GET' or 'DELETE', path, creator)
end
