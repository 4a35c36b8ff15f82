<?php
// Arguments as a method of the SDK takes them, by the description that the SDK has of it.

use GuzzleHttp\Command\Guzzle\Operation;
use GuzzleHttp\Command\Guzzle\Parameter;

/** An input that the SDK's interface cannot carry. */
class Inexpressible extends Exception
{
}

class Arguments
{
    private const NAMED_MAX = 4;
    private $homeless = [];

    /** The parameters for nodes of a body or for the parameters of a query, which is the location. */
    public function of(Operation $operation, $location, $nodes)
    {
        $places = array_filter($operation->getParams(), fn($one) => $one->getLocation() === $location);
        $given = $this->members($places, $nodes, '');
        if ($this->homeless) {
            sort($this->homeless);
            $more = count($this->homeless) - self::NAMED_MAX;
            throw new Inexpressible($operation->getName() . ' has no parameter for '
                . implode(', ', array_slice($this->homeless, 0, self::NAMED_MAX)) . ($more > 0 ? " and $more more" : ''));
        }
        return $given;
    }

    private function members($properties, $nodes, $path)
    {
        $names = [];
        foreach ($properties as $name => $property) {
            $names[$property->getWireName()] = [$name, $property];
        }
        $given = [];
        foreach ($nodes as $node => $value) {
            $inside = ltrim("$path/$node", '/');
            if (isset($names[$node])) {
                [$name, $property] = $names[$node];
                $given[$name] = $this->value($property, $value, $inside);
            } else {
                $this->homeless[] = $inside;
            }
        }
        return $given;
    }

    private function value(Parameter $place, $node, $path)
    {
        switch ($place->getType()) {
            case 'object':
                if ($node === '') {
                    return [];
                }
                if (is_array($node) && !array_is_list($node)) {
                    return $this->members($place->getProperties(), $node, $path);
                }
                break;
            case 'array':
                $given = [];
                foreach (is_array($node) && array_is_list($node) ? $node : [$node] as $item) {
                    $given[] = $this->value($place->getItems(), $item, $path);
                }
                return $given;
            case 'integer':
                if (is_string($node) && (string) (int) $node === $node) {
                    return (int) $node;
                }
                break;
            default:
                if (is_string($node)) {
                    return $node;
                }
        }
        $this->homeless[] = $path;
        return null;
    }
}
